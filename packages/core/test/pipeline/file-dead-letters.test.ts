import { mkdtemp, open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type DeadLetter, fileDeadLetters, readDeadLetters } from '../../src/index.js'
import { listed, makeLetter, statuses } from './letters.js'

let root: string
let directory: string
let path: string

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'eds-letters-'))
  directory = join(root, 'dead-letter')
  path = join(directory, 'main.ndjson')
})

afterEach(async () => {
  vi.restoreAllMocks()
  await rm(root, { recursive: true, force: true })
})

const clock = { now: () => 2000, sleep: async () => {} }
const openLog = (keepClosedBytes?: number) =>
  fileDeadLetters({ directory, clock, ...(keepClosedBytes === undefined ? {} : { keepClosedBytes }) }).open('main')

async function lines(): Promise<unknown[]> {
  const text = await readFile(path, 'utf8')
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))
}

describe('fileDeadLetters', () => {
  it('writes readable lines, private to the user', async () => {
    const log = await openLog()
    await log.append([makeLetter('1'), makeLetter('2', { bytes: Buffer.from([0xff]) })])
    await log.mark(['2'], 'open', { code: 'timeout', reason: 'still not' })
    await log.mark(['1'], 'retried')
    const common = {
      sink: 'main',
      at: 1000,
      status: 'open',
      code: 'record',
      reason: 'value too long',
      table: 'order',
      time: 900,
    }
    expect(await lines()).toEqual([
      { id: '1', ...common, rowKey: 'order\u00001', event: '{"id":"1"}' },
      { id: '2', ...common, rowKey: 'order\u00002', bytes: '/w==' },
      { id: '2', status: 'open', at: 2000, code: 'timeout', reason: 'still not' },
      { id: '1', status: 'retried', at: 2000 },
    ])
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect((await stat(directory)).mode & 0o777).toBe(0o700)
    await log.close()
  })

  it('survives a crash at every byte of a write', async () => {
    const log = await openLog()
    await log.append([makeLetter('1'), makeLetter('2', { bytes: Buffer.from('"é😀"') })])
    const before = (await readFile(path)).length
    await log.append([makeLetter('3')])
    await log.mark(['1'], 'skipped')
    await log.close()
    const whole = await readFile(path)
    const third = whole.indexOf('\n', before) + 1
    for (let size = before; size <= whole.length; size++) {
      await writeFile(path, whole.subarray(0, size))
      const torn = await openLog()
      const first = size === whole.length ? '1 skipped' : '1 open'
      expect(await statuses(torn)).toEqual([first, '2 open', ...(size >= third ? ['3 open'] : [])])
      await torn.append([makeLetter('9')])
      expect(await statuses(torn, ['open'])).toContain('9 open')
      await torn.close()
      const again = await openLog()
      expect(await statuses(again)).toContain('9 open')
      await again.close()
    }
  })

  it('leaves nothing of a write that failed', async () => {
    const log = await openLog()
    await log.append([makeLetter('1')])
    const handle = await open(path)
    const datasync = vi.spyOn(Object.getPrototypeOf(handle), 'datasync')
    await handle.close()
    datasync.mockRejectedValueOnce(Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' }))
    const long = makeLetter('2', { bytes: Buffer.alloc(1000, 'x') })
    await expect(log.append([long])).rejects.toMatchObject({
      code: 'connection',
      message: `cannot write ${path}: ENOSPC: no space left`,
    })
    expect(await statuses(log)).toEqual(['1 open'])
    await log.append([makeLetter('3')])
    expect(await statuses(log)).toEqual(['1 open', '3 open'])
    await log.close()
    expect(await lines()).toHaveLength(2)
  })

  it('syncs to disk before it resolves', async () => {
    const log = await openLog()
    const handle = await open(path)
    const datasync = vi.spyOn(Object.getPrototypeOf(handle), 'datasync')
    await handle.close()
    await log.append([makeLetter('1')])
    expect(datasync).toHaveBeenCalledTimes(1)
    await log.mark(['1'], 'skipped')
    expect(datasync).toHaveBeenCalledTimes(2)
    await log.append([])
    await log.mark(['1'], 'skipped')
    expect(datasync).toHaveBeenCalledTimes(2)
    await log.close()
  })

  it('keeps the order of calls that overlap, and finishes them before it closes', async () => {
    const log = await openLog()
    const calls = [
      log.append([makeLetter('1'), makeLetter('1', { reason: 'twice' })]),
      log.mark(['1'], 'superseded'),
      log.append([makeLetter('1', { reason: 'again' })]),
      log.close(),
    ]
    await Promise.all(calls)
    expect(await lines()).toMatchObject([{ id: '1' }, { status: 'superseded' }, { id: '1', reason: 'again' }])
    await expect(log.append([makeLetter('2')])).rejects.toMatchObject({ code: 'configuration' })
  })

  it('reads letters that are longer than its buffer', async () => {
    const log = await openLog()
    const letters = [300, 1, 700].map((size, index) =>
      makeLetter(`${index}`, { bytes: Buffer.alloc(size * 1024, 'y') }),
    )
    await log.append(letters)
    await log.close()
    const again = await openLog()
    const found = await listed(again)
    expect(found.map(({ id, bytes }, index) => [id, Buffer.compare(bytes, letters[index]!.bytes)])).toEqual([
      ['0', 0],
      ['1', 0],
      ['2', 0],
    ])
    await again.close()
  })

  it('drops closed letters on open when they dominate', async () => {
    const log = await openLog()
    const parked = makeLetter('0', { status: 'parked' })
    await log.append([parked, ...Array.from({ length: 50 }, (_, index) => makeLetter(`1${index}`))])
    await log.mark(
      Array.from({ length: 50 }, (_, index) => `1${index}`),
      'superseded',
    )
    await log.mark(['0'], 'open')
    await log.close()
    const small = await openLog(1_000_000)
    expect(await listed(small)).toHaveLength(51)
    await small.close()
    const compacted = await openLog(1000)
    expect(await listed(compacted)).toEqual([{ ...parked, status: 'open' }])
    await compacted.append([makeLetter('2')])
    await compacted.close()
    expect(await lines()).toMatchObject([{ id: '0', status: 'open' }, { id: '2' }])
    expect(await readdir(directory)).toEqual(['main.ndjson'])
    expect((await stat(path)).mode & 0o777).toBe(0o600)
  })

  it('names the line that is damaged', async () => {
    const log = await openLog()
    await log.append([makeLetter('1'), makeLetter('2')])
    await log.close()
    await writeFile(path, (await readFile(path, 'utf8')).replace('"status":"open"', '"status":"hidden"'))
    const failing = openLog()
    await expect(failing).rejects.toMatchObject({
      code: 'configuration',
      message: `line 1 of ${path} is not a dead letter`,
    })
  })

  it.each(['../main', 'a/b', '', 'a.b', 'a\u0000'])('refuses the sink name %j', async (name) => {
    await expect(fileDeadLetters({ directory }).open(name)).rejects.toMatchObject({ code: 'configuration' })
  })

  it('tells that the folder cannot be made', async () => {
    await writeFile(directory, 'a file in its place')
    await expect(openLog()).rejects.toMatchObject({ message: expect.stringContaining(`cannot open ${path}`) })
  })
})

describe('readDeadLetters', () => {
  async function read(status?: DeadLetter['status'][]): Promise<string[]> {
    const found: string[] = []
    for await (const letter of readDeadLetters(directory, 'main', status)) found.push(`${letter.id} ${letter.status}`)
    return found
  }

  it('reads beside the writer, without touching its file', async () => {
    const log = await openLog()
    await log.append([makeLetter('2'), makeLetter('1')])
    await log.mark(['2'], 'skipped')
    await writeFile(path, '{"id":"half', { flag: 'a' })
    const size = (await stat(path)).size
    expect(await read()).toEqual(['1 open', '2 skipped'])
    expect(await read(['open'])).toEqual(['1 open'])
    expect((await stat(path)).size).toBe(size)
    await log.close()
  })

  it('finds nothing where nothing is', async () => {
    expect(await read()).toEqual([])
  })
})
