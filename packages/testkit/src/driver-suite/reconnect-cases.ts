import { demand, demandSettled } from '../conformance/violation.js'
import type { DriverCase } from './driver-case.js'
import { canBreak, demandOutage, whileDown } from './outage.js'

export const reconnectCases: readonly DriverCase[] = [
  {
    name: 'reconnect: a batch that met a broken connection is all there after connecting and sending it again',
    skip: canBreak,
    async run(context) {
      const table = context.table()
      const session = await context.connected()
      const earlier = [table.insert({ id: 'r1', name: 'before the break' })]
      await session.writeAll(earlier)
      const batch = [
        table.patch('r1', { name: 'after the break' }),
        table.insert({ id: 'r2' }),
        table.insert({ id: 'r3' }),
      ]
      await whileDown(context, 'break', async () => {
        const outcome = await demandSettled(
          session.writePrepared(batch),
          2 * context.limitMs,
          'write without a connection',
        )
        demand(outcome.status === 'rejected', 'write resolved although the destination could not be reached')
        demandOutage(outcome, 'write without a connection')
      })
      await session.connect()
      await session.writeAll(batch)
      await context.expectStored([...earlier, ...batch], { replayed: true })
    },
  },
  {
    name: 'reconnect: a connection that breaks during a write loses nothing once the batch is sent again',
    skip: canBreak,
    async run(context) {
      const table = context.table()
      const session = await context.connected()
      const count = Math.min(1_000, context.traits.maxBatchEvents)
      const batch = Array.from({ length: count }, (_, index) => table.insert({ id: `r${index}`, quantity: index }))
      await session.prepare(batch)
      // Watched from the start: it may reject before the destination is down.
      const write = demandSettled(session.writePrepared(batch), 2 * context.limitMs, 'write with a breaking connection')
      await whileDown(context, 'break', async () => demandOutage(await write, 'write'))
      await session.connect()
      await session.writeAll(batch)
      await context.expectStored(batch, { replayed: true })
    },
  },
  {
    name: 'reconnect: connect without a destination says so, and works when it is back',
    skip: canBreak,
    async run(context) {
      const table = context.table()
      const session = context.session()
      await whileDown(context, 'break', async () => {
        const outcome = await demandSettled(session.connect(), 2 * context.limitMs, 'connect without a destination')
        demand(outcome.status === 'rejected', 'connect resolved although the destination could not be reached')
        demandOutage(outcome, 'connect')
      })
      await session.connect()
      const events = [table.insert({ id: 'r1' })]
      await session.writeAll(events)
      await context.expectStored(events)
    },
  },
  {
    name: 'reconnect: close without a destination ends soon',
    skip: canBreak,
    async run(context) {
      const session = await context.connected()
      await whileDown(context, 'break', async () => {
        const outcome = await demandSettled(session.close(), 2 * context.limitMs, 'close without a destination')
        demand(outcome.status === 'fulfilled', 'close must not throw')
      })
    },
  },
]
