import { requireService } from '@eds/tool-services/vitest'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { eventOf, schemaOf } from './fixtures.js'
import { Harness } from './harness.js'
import { createTestDatabase, type TestDatabase } from './test-database.js'

const server = await requireService('postgres')
const rowCount = Number(process.env.EDS_TEST_ROWS ?? 500)
const batchRows = 1_000

const hostile = [
  '`',
  '"',
  "'",
  '\\',
  '\\N',
  '\t',
  '\n',
  '\r\n',
  '; DROP TABLE x',
  '--',
  '/*',
  '?',
  '%(x)',
  '%s',
  '漢',
  '🔧',
  ' ',
  '\u001a',
]
/** Without a NUL, which PostgreSQL refuses: see `value-rules`. */
const text = fc
  .array(
    fc.oneof(
      fc.constantFrom(...hostile),
      fc.string({ unit: 'grapheme' }).filter((part) => !part.includes('\0')),
    ),
    { maxLength: 6 },
  )
  .map((parts) => parts.join(''))
/** Names that PostgreSQL can have. */
const name = fc
  .array(fc.constantFrom('`', '"', "'", '\\', ';', '--', '?', '%', '.', '/', '漢', 'ü', 'select', 'Ω', '\n', '$1'), {
    minLength: 1,
    maxLength: 5,
  })
  .map((parts) => `${parts.join('')}.`)

server.describe('hostile texts in names and values', () => {
  let database: TestDatabase
  let harness: Harness

  beforeAll(async () => {
    database = await createTestDatabase(server.url)
    harness = await Harness.open(database.url)
  })
  afterAll(async () => {
    await harness.close()
    await database.remove()
  })

  it(`${rowCount} rows come back as they were, by stream and by import`, async () => {
    const seed = 4_711
    const [table = '', ...columns] = fc.sample(name, { seed, numRuns: 6 }).map((sample, index) => `${index}${sample}`)
    const values = fc.sample(fc.tuple(text, text, text, text, text), { seed, numRuns: rowCount })
    const rows = values.map((texts, index) => ({
      id: `${index}${[...texts[0]].slice(0, 50).join('')}`,
      ...Object.fromEntries(columns.map((column, place) => [column, texts[place] ?? ''])),
    }))
    const expected = rows.map((row) => JSON.stringify(row)).sort()
    const schema = schemaOf(table, Object.fromEntries(columns.map((column) => [column, 'string' as const])))
    const events = rows.map((row) => eventOf('INSERT', table, row))
    const stored = async () => (await database.readTable(table)).map((row) => JSON.stringify(row)).sort()

    await harness.prepare(schema)
    for (let from = 0; from < events.length; from += batchRows) {
      expect(await harness.write(events.slice(from, from + batchRows))).toEqual({})
    }
    expect(await stored()).toEqual(expected)

    async function* chunks() {
      for (let from = 0; from < events.length; from += batchRows) yield events.slice(from, from + batchRows)
    }
    const signal = new AbortController().signal
    await harness.driver.importer!.load({ schema, rows: chunks(), mode: 'replace' }, signal)
    expect(await stored()).toEqual(expected)

    for (let from = 0; from < rows.length; from += batchRows) {
      const deletes = rows.slice(from, from + batchRows).map((row) => eventOf('DELETE', table, row))
      expect(await harness.write(deletes)).toEqual({})
    }
    expect(await stored()).toEqual([])
  })
})
