import { decodeEvent, padSequence, type WriteResult } from '@eds/core'
import { compareState, describeDifferences, ExpectedState, type ShopOptions, shopEvents, shopSchemas } from '@eds/shop'
import { requireService } from '@eds/tool-services/vitest'
import { expect, it } from 'vitest'
import { Harness } from './harness.js'
import { createTestDatabase, type TestDatabase } from './test-database.js'

const server = await requireService('mariadb')

server.describe('the workload of a repair shop', () => {
  const workloads: readonly (readonly [what: string, options: Omit<ShopOptions, 'seed'>, batch: number])[] = [
    [
      'in batches of thousands',
      { events: 8_000, tables: ['order', 'label', 'labor_matrix_range'], rowBytes: 'small', partialUpdates: 0.2 },
      3_000,
    ],
    ['over all tables', { events: 3_000, partialUpdates: 0.5 }, 1_000],
    [
      'in small batches',
      { events: 1_500, tables: ['customer', 'vehicle_owner'], mix: { insert: 30, update: 40, delete: 30 } },
      20,
    ],
  ]

  it.each(workloads)(
    '%s, two at a time, and a part of it again, ends in the expected tables',
    async (_, choice, size) => {
      const options = { seed: 7, ...choice }
      const schemas = shopSchemas(options)
      const database = await createTestDatabase(server.url)
      const harness = await Harness.open(database.url, schemas.versions)
      const expected = new ExpectedState({ schemas })
      const events = [...shopEvents(options)].map((event) => {
        expected.apply(event)
        return decodeEvent({ position: padSequence(event.index), bytes: event.bytes, time: event.timestamp })
      })
      const writeAll = async (from: number) => {
        const open: Promise<WriteResult>[] = []
        for (let at = from; at < events.length; at += size) {
          if (open.length === 2) expect(await open.shift()).toEqual({})
          open.push(harness.write(events.slice(at, at + size)))
        }
        for (const write of open) expect(await write).toEqual({})
      }
      await writeAll(0)
      await writeAll(events.length - 2.5 * size)
      expect(describeDifferences(await compareState(expected, readLater(database)))).toBe('')
      await harness.close()
      await database.remove()
    },
  )

  function readLater(database: TestDatabase) {
    return async function* (table: string) {
      yield* await database.readTable(table)
    }
  }
})
