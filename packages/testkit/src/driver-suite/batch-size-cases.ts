import { unless } from '../conformance/conformance-case.js'
import type { DriverCase } from './driver-case.js'
import { IsolatingWriter } from './isolate.js'

const sizes = [1, 2, 7, 49, 50, 51, 99, 100, 101, 999, 1000, 1001, 5000, 10_000]

export const batchSizeCases: readonly DriverCase[] = [
  ...sizes.map(
    (size): DriverCase => ({
      name: `batch size: all of ${size} events`,
      skip: ({ traits, title }) =>
        unless(size <= traits.maxBatchEvents, `a batch of ${title} holds at most ${traits.maxBatchEvents} events`),
      async run(context) {
        const table = context.table()
        const events = Array.from({ length: size }, (_, index) =>
          index % 3 === 2
            ? table.patch(`r${index - 1}`, { quantity: index })
            : table.insert({ id: `r${index}`, name: `row ${index}` }),
        )
        await (await context.connected()).writeAll(events)
        await context.expectStored(events)
      },
    }),
  ),
  {
    name: 'batch size: one event larger than a whole batch may be is stored or refused',
    skip: ({ traits }) => unless(traits.maxBatchBytes < 2 ** 24, 'a batch may hold 16 MiB or more'),
    async run(context) {
      const table = context.table()
      const large = table.insert({ id: 'large', name: 'x'.repeat(context.traits.maxBatchBytes) })
      const writer = new IsolatingWriter(await context.connected())
      await writer.write([large])
      await context.expectStored([large], { refused: writer.refused.keys() })
    },
  },
]
