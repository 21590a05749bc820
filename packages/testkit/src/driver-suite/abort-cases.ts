import { demandSettled } from '../conformance/violation.js'
import type { DriverCase } from './driver-case.js'

const limitMs = 30_000

export const abortCases: readonly DriverCase[] = [
  {
    name: 'abort: a write with an aborted signal ends soon, and the driver can be used after connecting again',
    async run(context) {
      const table = context.table()
      const events = [table.insert({ id: 'r1', name: 'first' }), table.patch('r1', { name: 'second' })]
      const session = await context.connected()
      await session.prepare(events)
      await demandSettled(session.writePrepared(events, AbortSignal.abort()), limitMs, 'write with an aborted signal')
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
      await demandSettled(write, limitMs, 'an aborted write')
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
      const write = demandSettled(session.writePrepared(events), limitMs, 'a write whose driver was closed')
      await demandSettled(session.close(), limitMs, 'close during a write')
      await write
      await (await context.connected()).writeAll(events)
      await context.expectStored(events, { replayed: true })
    },
  },
]
