import { decodeEvent, padSequence } from '@eds/core'
import { compareState, describeDifferences, ExpectedState, type ShopOptions, shopEvents, shopSchemas } from '@eds/shop'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Harness } from './harness.js'
import { createTestDatabase, type TestDatabase } from './test-database.js'

describe('the workload of a repair shop', () => {
  let database: TestDatabase

  beforeAll(async () => {
    database = await createTestDatabase()
  })
  afterAll(() => database.remove())

  const workloads: readonly (readonly [what: string, options: Omit<ShopOptions, 'seed'>, batch: number])[] = [
    [
      'in large batches',
      { events: 6_000, tables: ['order', 'label', 'labor_matrix_range'], rowBytes: 'small', partialUpdates: 0.2 },
      2_000,
    ],
    ['over other tables', { events: 2_000, tables: ['customer', 'vehicle'], partialUpdates: 0.5 }, 700],
    ['in small batches', { events: 400, tables: ['vehicle_owner'], mix: { insert: 30, update: 40, delete: 30 } }, 20],
  ]

  it.each(workloads)('%s, and a part of it again, ends in the expected tables', async (_, choice, size) => {
    const options = { seed: 7, ...choice }
    const schemas = shopSchemas(options)
    const harness = await Harness.open(database.url, schemas.versions)
    const expected = new ExpectedState({ schemas })
    const events = [...shopEvents(options)].map((event) => {
      expected.apply(event)
      return decodeEvent({ position: padSequence(event.index), bytes: event.bytes, time: event.timestamp })
    })
    const writeAll = async (from: number) => {
      for (let at = from; at < events.length; at += size) {
        expect(await harness.write(events.slice(at, at + size))).toEqual({})
      }
    }
    await writeAll(0)
    await writeAll(events.length - Math.floor(2.5 * size))
    const read = async function* (table: string) {
      yield* await database.readTable(table)
    }
    const differences = await compareState(expected, read, { limit: 10_000 })
    // Changes of this column alone are skipped by design.
    expect(describeDifferences(differences.filter(({ column }) => column !== 'updatedDate'))).toBe('')
    await harness.close()
  })
})
