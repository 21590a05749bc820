import { type ChangeEvent, decodeEvent, padSequence } from '@eds/core'
import { type ShopOptions, shopEvents, shopSchemas, shopTables } from '@eds/shop'
import { demand } from '../conformance/violation.js'
import type { DriverCaseContext } from './case-context.js'
import type { DriverCase } from './driver-case.js'
import { withinBounds } from './driver-session.js'
import { IsolatingWriter } from './isolate.js'

/** Consecutive slices of random size, most of them small, within the driver's bounds. */
function* randomBatches(context: DriverCaseContext, events: readonly ChangeEvent[]): Generator<readonly ChangeEvent[]> {
  const { random, traits } = context
  for (let from = 0; from < events.length; ) {
    const size = Math.ceil(random.next() ** 3 * 1_000) + 1
    yield* withinBounds(events.slice(from, from + size), traits)
    from += size
  }
}

function shopCase(name: string, choice: Partial<ShopOptions>): DriverCase {
  return {
    name,
    async run(context) {
      for (const schema of shopSchemas().versions) context.declare(schema)
      const options = { seed: context.options.seed ?? 1, events: context.options.shopEvents ?? 2_000, ...choice }
      const events = [...shopEvents(options)].map(({ bytes, timestamp, index }) =>
        decodeEvent({ position: padSequence(index), bytes, time: timestamp }),
      )
      const writer = new IsolatingWriter(await context.connected())
      for (const batch of randomBatches(context, events)) await writer.write(batch)
      const refused = [...writer.refused.keys(), ...writer.parked]
      const reasons = [...writer.refused.values()].slice(0, 5)
      demand(choice.values === 'hostile' || refused.length === 0, `events were refused: ${reasons.join('; ')}`)
      await context.expectStored(events, { refused, replayed: refused.length > 0 })
    },
  }
}

const half = shopTables.length >> 1

/** The two cases share a destination, so each has tables of its own. */
export const shopCases: readonly DriverCase[] = [
  shopCase('shop: the workload of a repair shop in batches of random size ends in the expected tables', {
    tables: shopTables.slice(0, half),
    values: 'plain',
    partialUpdates: 0.3,
  }),
  shopCase('shop: with values that some destinations cannot hold, everything else ends in the expected tables', {
    tables: shopTables.slice(half),
    values: 'hostile',
    partialUpdates: 0.3,
  }),
]
