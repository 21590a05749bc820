import type { ChangeEvent } from '@eds/core'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { eventOf, schemaOf } from './fixtures.js'
import { Harness } from './harness.js'
import { startTestServer } from './test-server.js'

const rowCount = Number(process.env.EDS_TEST_ROWS ?? 300)
const hostile = [
  "'; DROP TABLE [x]; --",
  ']]',
  ']',
  '[',
  '"',
  '$$',
  '\\N',
  '\t\r\n',
  '\u0000',
  '\ud800',
  '%_[a-z]',
  '🔧',
  'GO',
  '@p1',
  '#eds_stage',
  "N'x'",
]
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.array(fc.constantFrom(...hostile), { maxLength: 4 }).map((parts) => parts.join('')),
)
const names = ["it's", 'a]b', '[c]', 'select', '"q"', '; --', 'ümläut 🔧', 'tab\there', '@p', '$$', "]]'", '#x']
const tables = ["o'der]; DROP TABLE [x]--", '[group]', 'from']
const schemas = tables.map((table) =>
  schemaOf(table, Object.fromEntries(names.map((name) => [name, 'string' as const]))),
)

it(`${rowCount} rows of hostile texts, in columns and tables of hostile names, are read back equal`, async () => {
  const server = await startTestServer()
  const harness = await Harness.open(server.url, schemas)
  try {
    const rows = fc.sample(fc.tuple(fc.constantFrom(...tables), fc.array(text, { minLength: 12, maxLength: 12 })), {
      numRuns: rowCount,
      seed: 4,
    })
    const expected = new Map<string, unknown>()
    const events = rows.map(([table, values], index): ChangeEvent => {
      const image = {
        id: `k${index} ${values[0]}.`,
        ...Object.fromEntries(names.map((name, at) => [name, values[at]!])),
      }
      expected.set(`${table}\n${image.id}`, image)
      return eventOf('INSERT', table, image)
    })
    for (let at = 0; at < events.length; at += 500) expect(await harness.write(events.slice(at, at + 500))).toEqual({})
    let found = 0
    for (const table of tables) {
      for (const row of await server.readTable(table)) {
        found++
        expect(row).toEqual(expected.get(`${table}\n${row.id}`))
      }
    }
    expect(found).toBe(rowCount)
  } finally {
    await harness.close()
    await server.remove()
  }
})
