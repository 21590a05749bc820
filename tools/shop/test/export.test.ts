import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { compareState, ExpectedState, parseExact, shopEvents, shopSchemas, writeExport } from '../src/index.js'

const namePattern = /^(\d{33})-\w+-[\w-]+-([a-z0-9_]+)-(\w+)\.ndjson\.gz$/

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'shop-export-'))
})
afterEach(() => rm(dir, { recursive: true }))

async function linesOf(file: string): Promise<string[]> {
  return gunzipSync(await readFile(join(dir, file)))
    .toString()
    .trimEnd()
    .split('\n')
}

describe('writeExport', () => {
  it('names files as the bulk export does', async () => {
    const { files } = await writeExport({ dir, rows: 100, seed: 1, time: 1_720_732_611_708 })
    expect((await readdir(dir)).sort()).toEqual([...files].sort())
    for (const file of files) {
      const [, digits, table = '', version] = namePattern.exec(file) ?? []
      expect(digits).toBe('202407112116517080000000000000000')
      expect(version).toBe(shopSchemas().latest.get(table)?.modelVersion)
    }
  })

  it('writes the rows that it says, in files of bounded length', async () => {
    const { files, rows } = await writeExport({ dir, rows: 500, seed: 1, rowsPerFile: 20 })
    const counts = new Map<string, number>()
    for (const file of files) {
      const table = namePattern.exec(file)?.[2] ?? ''
      const lines = await linesOf(file)
      expect(lines.length).toBeLessThanOrEqual(20)
      counts.set(table, (counts.get(table) ?? 0) + lines.length)
    }
    expect(counts).toEqual(rows)
    expect([...rows.values()].reduce((sum, count) => sum + count)).toBe(500)
  })

  it('tells the checker what was written', async () => {
    const expected = new ExpectedState()
    const { files } = await writeExport({ dir, rows: 300, seed: 2, expected })
    const tables = new Map<string, object[]>()
    for (const file of files) {
      const table = namePattern.exec(file)?.[2] ?? ''
      const rows = (await linesOf(file)).map((line) => parseExact(line) as object)
      tables.set(table, [...(tables.get(table) ?? []), ...rows])
    }
    expect(await compareState(expected, (table) => (tables.get(table) ?? []) as Record<string, unknown>[])).toEqual([])
  })

  it('depends on the seed alone', async () => {
    const options = { dir, rows: 50, seed: 3, tables: ['order', 'label'] }
    const [file = ''] = (await writeExport(options)).files
    const first = await linesOf(file)
    await writeExport(options)
    expect(await linesOf(file)).toEqual(first)
    await writeExport({ ...options, seed: 4 })
    expect(await linesOf(file)).not.toEqual(first)
  })

  it('shares no key with the events of the same seed', async () => {
    const expected = new ExpectedState()
    await writeExport({ dir, rows: 1_000, seed: 1, expected })
    const before = expected.tables().map((table) => new Set(expected.keys(table)))
    const streamed = new ExpectedState()
    for (const event of shopEvents({ seed: 1, events: 2_000 })) streamed.apply(event)
    expected.tables().forEach((table, index) => {
      expect([...streamed.keys(table)].filter((key) => before[index]?.has(key))).toEqual([])
    })
  })
})
