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
      const hostile = new Set<ChangeEvent>()
      const events = [...shopEvents(options)].map(({ bytes, timestamp, index, hostile: classes }) => {
        const event = decodeEvent({ position: padSequence(index), bytes, time: timestamp })
        if (classes.length > 0) hostile.add(event)
        return event
      })
      const writer = new IsolatingWriter(await context.connected())
      for (const batch of randomBatches(context, events)) await writer.write(batch)
      // Partial changes behind a refused event of their row were not written: they are no refusals.
      const unjust = [...writer.refused].filter(([event]) => !hostile.has(event))
      demand(
        unjust.length === 0,
        () => `events that every destination can hold were refused: ${describeRefusals(unjust)}`,
      )
      const refused = [...writer.refused.keys(), ...writer.parked]
      await context.expectStored(events, { refused, replayed: refused.length > 0 })
    },
  }
}

function describeRefusals(refusals: readonly (readonly [ChangeEvent, string])[]): string {
  const lines = refusals
    .slice(0, 5)
    .map(([{ operation, table, position }, reason]) => `${operation} of "${table}" at ${position}: ${reason}`)
  return `${refusals.length}, for instance\n${lines.join('\n')}`
}

/** Keys of one column, of several, of text and of numbers occur in these; the two cases share a destination, but no table. */
const plainTables = shopTables.filter(
  (table, index) => table === 'labor_matrix_range' || (index < shopTables.length >> 1 && table !== 'vehicle_owner'),
)

export const shopCases: readonly DriverCase[] = [
  shopCase('shop: the workload of a repair shop in batches of random size ends in the expected tables', {
    tables: plainTables,
    values: 'plain',
    partialUpdates: 0.3,
  }),
  shopCase('shop: with values that some destinations cannot hold, everything else ends in the expected tables', {
    tables: shopTables.filter((table) => !plainTables.includes(table)),
    values: 'hostile',
    partialUpdates: 0.3,
  }),
]
