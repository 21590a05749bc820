import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type DeadLetterStore, fileDeadLetters, memoryDeadLetters } from '../../src/index.js'
import { listed, makeLetter, statuses } from './letters.js'

let directory: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'eds-letters-'))
})

afterEach(() => rm(directory, { recursive: true, force: true }))

const stores: [name: string, make: () => DeadLetterStore][] = [
  ['memoryDeadLetters', memoryDeadLetters],
  ['fileDeadLetters', () => fileDeadLetters({ directory })],
]

describe.each(stores)('%s', (_, make) => {
  it('gives letters back as they were, in position order', async () => {
    const log = await make().open('main')
    const letters = [
      makeLetter('2', { bytes: Buffer.from('{"text":"\uFEFF"}\n\u0000"é😀') }),
      makeLetter('1', { status: 'parked', bytes: Buffer.from([0xff, 0x00, 0x0a]) }),
      makeLetter('10', { bytes: Buffer.alloc(0), rowKey: 'a\ud800' }),
    ]
    await log.append(letters)
    expect(await listed(log)).toEqual([letters[1], letters[2], letters[0]])
    await log.close()
  })

  it('leaves out what a key does not have', async () => {
    const log = await make().open('main')
    const { table: _table, rowKey: _rowKey, ...letter } = makeLetter('1')
    await log.append([letter])
    expect(await listed(log)).toEqual([letter])
    await log.close()
  })

  it('changes the status of letters that wait', async () => {
    const log = await make().open('main')
    await log.append([makeLetter('1'), makeLetter('2'), makeLetter('3', { status: 'parked' })])
    await log.mark(['1', 'unknown'], 'superseded')
    await log.mark(['3'], 'open')
    await log.mark(['1'], 'skipped')
    expect(await statuses(log)).toEqual(['1 superseded', '2 open', '3 open'])
    expect(await statuses(log, ['open', 'parked'])).toEqual(['2 open', '3 open'])
    expect(await statuses(log, ['superseded', 'open'])).toEqual(['1 superseded', '2 open', '3 open'])
    expect(await statuses(log, ['retried'])).toEqual([])
    await log.close()
  })

  it('keeps the reason of the last trial, also after opening again', async () => {
    const store = make()
    const log = await store.open('main')
    await log.append([makeLetter('1', { status: 'parked' }), makeLetter('2')])
    await log.mark(['1'], 'open', { code: 'schema', reason: 'no such table' })
    const tried = { status: 'open', code: 'schema', reason: 'no such table', triedAt: expect.any(Number) }
    expect(await listed(log, ['open'])).toMatchObject([tried, { reason: 'value too long' }])
    await log.close()
    const again = await store.open('main')
    await again.mark(['1'], 'skipped')
    expect(await listed(again)).toMatchObject([
      { ...tried, status: 'skipped' },
      { id: '2', reason: 'value too long' },
    ])
    await again.close()
  })

  it('does not add a letter that waits already, but one that was closed', async () => {
    const log = await make().open('main')
    await log.append([makeLetter('1'), makeLetter('1', { reason: 'twice' }), makeLetter('2')])
    await log.mark(['2'], 'retried')
    await log.append([makeLetter('1', { reason: 'again' }), makeLetter('2', { reason: 'again' })])
    expect((await listed(log)).map(({ id, status, reason }) => [id, status, reason])).toEqual([
      ['1', 'open', 'value too long'],
      ['2', 'open', 'again'],
    ])
    await log.close()
  })

  it('lists a snapshot while letters are closed', async () => {
    const log = await make().open('main')
    await log.append([makeLetter('1'), makeLetter('2'), makeLetter('3')])
    const seen: string[] = []
    for await (const { id } of log.list({ status: ['open'] })) {
      seen.push(id)
      await log.mark(['1', '2', '3'], 'retried')
      await log.append([makeLetter('4')])
    }
    expect(seen).toEqual(['1', '2', '3'])
    await log.close()
  })

  it('keeps sinks apart and finds letters after opening again', async () => {
    const store = make()
    const log = await store.open('main')
    await log.append([makeLetter('1'), makeLetter('2')])
    await log.mark(['1'], 'skipped')
    await log.close()
    await log.close()
    const other = await store.open('other')
    expect(await statuses(other)).toEqual([])
    await other.close()
    const again = await store.open('main')
    expect(await statuses(again)).toEqual(['1 skipped', '2 open'])
    await again.close()
  })
})
