import type { JsonValue, Row } from '@eds/core'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventOf, schemaOf } from './fixtures.js'
import { Harness } from './harness.js'
import { createSimulatedDatabase, type SimulatedDatabase } from './test-database.js'

/** `EDS_TEST_ROWS=10000` for a long run. */
const count = Number(process.env.EDS_TEST_ROWS ?? 300)

const hostile = [
  "'",
  '"',
  '$$',
  '$',
  '\\',
  ';',
  '--',
  '/*',
  '?',
  ':1',
  '{{',
  '\n',
  '\t',
  '\u0000',
  '😀',
  '&',
  'NULL',
  '%',
]

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.array(fc.constantFrom(...hostile, 'a', ' '), { maxLength: 12 }).map((parts) => parts.join('')),
)
const nullable = <T extends JsonValue>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { freq: 5 })

describe('hostile texts', () => {
  let database: SimulatedDatabase

  beforeAll(async () => {
    database = await createSimulatedDatabase()
  })
  afterAll(() => database.remove())

  it(`in ${count} rows, column names and a table name are read back equal`, { timeout: 600_000 }, async () => {
    const table = `t"'$$; DROP TABLE x --\\ 😀`
    const names = { words: `w'"\\$$`, document: 'd";--', items: '?:1', flag: 'SELECT', size: "s'", ratio: 'ra\ttio' }
    const schema = schemaOf(table, {
      [names.words]: 'string',
      [names.document]: 'object',
      [names.items]: 'array',
      [names.flag]: 'boolean',
      [names.size]: 'integer',
      [names.ratio]: 'number',
    })
    const row = fc.record({
      [names.words]: nullable(text),
      [names.document]: nullable(fc.dictionary(text, text, { maxKeys: 3 })),
      [names.items]: nullable(fc.array(nullable(text), { maxLength: 3 })),
      [names.flag]: nullable(fc.boolean()),
      [names.size]: nullable(fc.maxSafeInteger()),
      [names.ratio]: nullable(fc.double({ noNaN: true, noDefaultInfinity: true })),
    })
    const rows = fc.sample(row, { numRuns: count, seed: 11 })
    const prefixes = fc.sample(text, { numRuns: count, seed: 12 })
    const harness = await Harness.open(database.url, [schema])
    const events = rows.map((values, index) => {
      const image: Row = { id: `${prefixes[index]} ${index}`, ...values }
      return eventOf('INSERT', table, image)
    })
    for (let from = 0; from < events.length; from += 1_000) {
      expect(await harness.write(events.slice(from, from + 1_000))).toEqual({})
    }
    const stored = new Map((await database.readTable(table)).map((found) => [found.id, found]))
    expect(stored.size).toBe(count)
    for (const { after } of events) {
      const found = stored.get(after!.id)
      for (const [name, value] of Object.entries(after!)) expect(read(found?.[name], value), name).toEqual(value)
    }
    expect(database.sim.refused()).toEqual([])
    await harness.close()
  })
})

/** A stored text in the form of what was sent. */
function read(found: JsonValue | undefined, sent: JsonValue | undefined): unknown {
  if (typeof found !== 'string' || typeof sent === 'string') return found
  return typeof sent === 'number' ? Number(found) : JSON.parse(found)
}
