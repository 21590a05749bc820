import { demandSettled } from '../conformance/violation.js'
import type { DriverCase } from './driver-case.js'

export const lifecycleCases: readonly DriverCase[] = [
  {
    name: 'lifecycle: closes without ever having been connected, and twice',
    async run(context) {
      const session = context.session()
      await session.close()
      await session.close()
    },
  },
  {
    name: 'lifecycle: connects again while it is connected',
    async run(context) {
      const table = context.table()
      const events = [table.insert({ id: 'r1', name: 'first' })]
      const session = await context.connected()
      await session.connect()
      await session.writeAll(events)
      await context.expectStored(events)
    },
  },
  {
    name: 'lifecycle: connects again after a close',
    async run(context) {
      const table = context.table()
      const events = [table.insert({ id: 'r1', name: 'first' }), table.update({ id: 'r1', name: 'second' })]
      const session = await context.connected()
      await session.writeAll(events.slice(0, 1))
      await session.close()
      await session.connect()
      await session.writeAll(events.slice(1))
      await context.expectStored(events)
    },
  },
  {
    name: 'lifecycle: a connect that is given up ends soon, and close and connect work after it',
    async run(context) {
      const table = context.table()
      const events = [table.insert({ id: 'r1' })]
      const session = context.session()
      await demandSettled(session.connect(AbortSignal.abort()), context.limitMs, 'connect with an aborted signal')
      await session.close()
      await session.connect()
      await session.writeAll(events)
      await context.expectStored(events)
    },
  },
  {
    name: 'lifecycle: connecting leaves the data alone',
    async run(context) {
      const table = context.table()
      const events = [table.insert({ id: 'r1', name: 'kept' })]
      const session = await context.connected()
      await session.writeAll(events)
      await context.connected()
      await context.expectStored(events)
    },
  },
]

export const durabilityCases: readonly DriverCase[] = [
  {
    name: 'durability: what write resolved is stored at once',
    async run(context) {
      const table = context.table()
      const session = await context.connected()
      const events = [table.insert({ id: 'r1', name: 'first' })]
      await session.writeAll(events)
      await context.expectStored(events)
      events.push(table.update({ id: 'r1', name: 'second' }), table.insert({ id: 'r2' }))
      await session.writeAll(events.slice(1))
      await context.expectStored(events)
    },
  },
  {
    name: 'durability: another instance goes on where one was abandoned without a close',
    async run(context) {
      const table = context.table()
      const events = [table.insert({ id: 'r1', name: 'first' }), table.patch('r1', { name: 'second' })]
      await (await context.connected()).writeAll(events.slice(0, 1))
      await (await context.connected()).writeAll(events.slice(1))
      await context.expectStored(events)
    },
  },
]
