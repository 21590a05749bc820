import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { memoryState } from '@eds/core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readImportTimes, writeImportTime } from '../../src/host/import-times.js'
import { readAppendOnlyFile } from '../../src/old-state/append-only-file.js'
import { adoptOldState, readOldImportTimes } from '../../src/old-state/old-state.js'

const silent = { info() {} }

function command(...words: string[]): string {
  return [`*${words.length}`, ...words.flatMap((word) => [`$${Buffer.byteLength(word)}`, word]), ''].join('\r\n')
}

describe('an append-only file', () => {
  const cases: [what: string, text: string, entries: Record<string, string>][] = [
    ['nothing', '', {}],
    ['the last value of a key', command('set', 'a', '1') + command('set', 'a', '2'), { a: '2' }],
    ['a key that was deleted', command('set', 'a', '1') + command('del', 'a'), {}],
    ['an expiry', command('set', 'a', '1', 'ex', '60'), { a: '1' }],
    ['text beyond ASCII, with line ends in it', command('set', 'é\r\n', '😀\r\n*3\r\n'), { 'é\r\n': '😀\r\n*3\r\n' }],
    ['everything forgotten', command('set', 'a', '1') + command('flushdb'), {}],
    ['verbs in capitals', command('SET', 'a', '1'), { a: '1' }],
  ]
  test.each(cases)('holds %s', (_, text, entries) => {
    expect(Object.fromEntries(readAppendOnlyFile(Buffer.from(text)))).toEqual(entries)
  })

  test('loses its last command, and only that, when it was cut off anywhere in it', () => {
    const whole = command('set', 'a', '1')
    const last = command('set', 'b', '22')
    for (let kept = 0; kept < last.length; kept++) {
      expect(Object.fromEntries(readAppendOnlyFile(Buffer.from(whole + last.slice(0, kept))))).toEqual({ a: '1' })
    }
  })

  test.each(['hello\r\n', command('get', 'a'), '*1\r\n*1\r\n'])('is refused with the place: %j', (text) => {
    expect(() => readAppendOnlyFile(Buffer.from(text))).toThrow(/byte \d+/)
  })
})

describe("the former server's imports", () => {
  let directory: string
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'eds-old-state-'))
  })
  afterEach(() => rm(directory, { recursive: true, force: true }))
  const write = (value: unknown) =>
    writeFile(
      join(directory, 'eds-data.db'),
      command('set', 'registry:order:version', 'fff000111') + command('set', 'table-export', JSON.stringify(value)),
    )

  test('are read as times', async () => {
    await write([
      { Table: 'order', Timestamp: '2024-07-11T21:16:51.708587506Z' },
      { Table: 'part', Timestamp: '2024-07-11T23:16:51+02:00' },
      { Table: 'tire', Timestamp: 1720732611708 },
    ])
    expect(Object.fromEntries(await readOldImportTimes(directory))).toEqual({
      order: Date.UTC(2024, 6, 11, 21, 16, 51, 708),
      part: Date.UTC(2024, 6, 11, 21, 16, 51),
      tire: 1720732611708,
    })
  })

  test('are none without a file', async () => {
    expect((await readOldImportTimes(directory)).size).toBe(0)
  })

  test('stop the program when they cannot be understood, rather than being imported again', async () => {
    await write([{ Table: 'order', Timestamp: 'yesterday' }])
    await expect(readOldImportTimes(directory)).rejects.toThrow(/eds-data\.db.*table-export/)
  })

  test('are taken over once, and give way to what was imported since', async () => {
    const state = memoryState()
    await writeImportTime(state, 'shop', 'order', 5)
    await write([
      { Table: 'order', Timestamp: 1 },
      { Table: 'part', Timestamp: 2 },
    ])
    await adoptOldState(directory, state, 'shop', silent)
    expect(Object.fromEntries(await readImportTimes(state, 'shop'))).toEqual({ order: 5, part: 2 })

    await write([{ Table: 'tire', Timestamp: 3 }])
    await adoptOldState(directory, state, 'shop', silent)
    expect((await readImportTimes(state, 'shop')).has('tire')).toBe(false)
  })
})

test('the page on going back shows how to tell the former server of a table', async () => {
  const page = await readFile(new URL('../../../../docs/migrating-from-eds-server.md', import.meta.url), 'utf8')
  const script = /```sh\n(# remember[\s\S]*?)```/.exec(page)?.[1] ?? ''
  const directory = await mkdtemp(join(tmpdir(), 'eds-old-state-'))
  try {
    await mkdir(join(directory, 'data'))
    execFileSync('sh', ['-c', script], { cwd: directory })
    const entries = readAppendOnlyFile(await readFile(join(directory, 'data', 'eds-data.db')))
    expect(Object.fromEntries(entries)).toEqual({ 'registry:order:version': 'fff000111' })
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
})
