import { setTimeout as delay } from 'node:timers/promises'
import { unless } from '../conformance/conformance-case.js'
import { demand, demandSettled } from '../conformance/violation.js'
import type { DriverCase } from './driver-case.js'
import { demandOutage, whileDown } from './outage.js'

/** So soon must a write reject after its signal: before any usual time limit of a client library. */
const promptMs = 5_000
/** Time for a write to reach a destination that will not answer. */
const underWayMs = 200

export const abortCases: readonly DriverCase[] = [
  {
    name: 'abort: a write with an aborted signal ends soon, and the driver can be used after connecting again',
    async run(context) {
      const table = context.table()
      const events = [table.insert({ id: 'r1', name: 'first' }), table.patch('r1', { name: 'second' })]
      const session = await context.connected()
      await session.prepare(events)
      await demandSettled(
        session.writePrepared(events, AbortSignal.abort()),
        context.limitMs,
        'write with an aborted signal',
      )
      await session.connect()
      await session.writeAll(events)
      await context.expectStored(events, { replayed: true })
    },
  },
  {
    name: 'abort: a write that is aborted while it runs ends soon, and the same batch can be sent again',
    async run(context) {
      const table = context.table()
      const count = Math.min(2_000, context.traits.maxBatchEvents)
      const events = Array.from({ length: count }, (_, index) => table.insert({ id: `r${index}`, quantity: index }))
      const session = await context.connected()
      await session.prepare(events)
      const abort = new AbortController()
      const write = session.writePrepared(events, abort.signal)
      setImmediate(() => abort.abort())
      await demandSettled(write, context.limitMs, 'an aborted write')
      await session.connect()
      await session.writeAll(events)
      await context.expectStored(events, { replayed: true })
    },
  },
  {
    name: 'abort: close during a write ends soon, and another instance can send the batch again',
    async run(context) {
      const table = context.table()
      const events = [table.insert({ id: 'r1', name: 'first' }), table.insert({ id: 'r2', name: 'second' })]
      const session = await context.connected()
      await session.prepare(events)
      const write = demandSettled(session.writePrepared(events), context.limitMs, 'a write whose driver was closed')
      await demandSettled(session.close(), context.limitMs, 'close during a write')
      await write
      await (await context.connected()).writeAll(events)
      await context.expectStored(events, { replayed: true })
    },
  },
  {
    name: 'abort: a write to a destination that does not answer rejects soon after its signal aborts',
    skip: ({ options }) =>
      unless(
        options.connection?.stall !== undefined,
        'the suite was given no way to make the destination hang (option `connection.stall`)',
      ),
    async run(context) {
      const table = context.table()
      const events = [table.insert({ id: 'r1', name: 'first' }), table.patch('r1', { name: 'second' })]
      const session = await context.connected()
      await session.prepare(events)
      await whileDown(context, 'stall', async () => {
        const abort = new AbortController()
        const write = session.writePrepared(events, abort.signal)
        await Promise.race([Promise.allSettled([write]), delay(underWayMs)])
        abort.abort()
        const what = 'write to a destination that does not answer, whose signal was aborted,'
        const outcome = await demandSettled(write, Math.min(promptMs, context.limitMs), what)
        demand(outcome.status === 'rejected', 'write resolved although the destination did not answer')
        demandOutage(outcome, what)
      })
      await session.connect()
      await session.writeAll(events)
      await context.expectStored(events, { replayed: true })
    },
  },
]
