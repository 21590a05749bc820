import { decodeEvent, padSequence, type WriteResult } from '@eds/core'
import { compareState, describeDifferences, ExpectedState, type ShopOptions, shopEvents, shopSchemas } from '@eds/shop'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Harness } from './harness.js'
import { startTestServer, type TestServer } from './test-server.js'

describe('the workload of a repair shop', () => {
  let server: TestServer

  beforeEach(async () => {
    server = await startTestServer()
  })
  afterEach(() => server.remove())

  const workloads: readonly (readonly [what: string, options: Omit<ShopOptions, 'seed'>, batch: number])[] = [
    [
      'in batches of hundreds',
      { events: 2_000, tables: ['order', 'label', 'labor_matrix_range'], rowBytes: 'small', partialUpdates: 0.2 },
      500,
    ],
    ['over all tables', { events: 600, partialUpdates: 0.5 }, 200],
    [
      'in small batches',
      { events: 300, tables: ['customer', 'vehicle_owner'], mix: { insert: 30, update: 40, delete: 30 } },
      20,
    ],
  ]

  it.each(workloads)(
    '%s, two at a time, and a part of it again, ends in the expected tables',
    async (_, choice, size) => {
      const options = { seed: 7, ...choice }
      const schemas = shopSchemas(options)
      const harness = await Harness.open(server.url, schemas.versions)
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
      const read = async function* (table: string) {
        yield* await server.readTable(table)
      }
      expect(describeDifferences(await compareState(expected, read))).toBe('')
      await harness.close()
    },
  )
})
