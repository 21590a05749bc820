import { demand } from '../conformance/violation.js'
import { type DriverCase, rowsOnly } from './driver-case.js'
import { IsolatingWriter } from './isolate.js'

export const partialCases: readonly DriverCase[] = [
  {
    name: 'partial: an update changes only the columns that it carries',
    skip: rowsOnly,
    async run(context) {
      const table = context.table()
      const session = await context.connected()
      const insert = table.insert({ id: 'r1', name: 'kept', quantity: 1, details: { kept: true }, tags: ['kept'] })
      const patch = table.patch('r1', { quantity: 2 })
      await session.writeAll([insert])
      await session.writeAll([patch])
      await context.expectStored([insert, patch])
    },
  },
  {
    name: 'partial: null is a value, an absent column is none',
    skip: rowsOnly,
    async run(context) {
      const table = context.table()
      const events = [
        table.insert({ id: 'r1', name: 'goes', quantity: 1 }),
        table.insert({ id: 'r2', name: 'stays', quantity: 2 }),
        table.patch('r1', { name: null }),
        table.patch('r2', { quantity: null }),
      ]
      await (await context.connected()).writeAll(events)
      await context.expectStored(events)
    },
  },
  {
    name: 'partial: updates of one batch may each carry other columns',
    skip: rowsOnly,
    async run(context) {
      const table = context.table()
      const session = await context.connected()
      const inserts = Array.from({ length: 120 }, (_, index) =>
        table.insert({ id: `r${index}`, name: `row ${index}`, quantity: index, price: index / 2, active: false }),
      )
      const choices = [
        { name: 'changed' },
        { quantity: -1 },
        { price: 0.25, active: true },
        { tags: ['t'], name: null },
      ]
      const patches = inserts.flatMap((_, index) => [
        table.patch(`r${index}`, choices[index % 4] ?? {}),
        ...(index % 5 === 0 ? [table.patch(`r${index}`, choices[(index + 1) % 4] ?? {})] : []),
      ])
      await session.writeAll(inserts)
      await session.writeAll(patches)
      await context.expectStored([...inserts, ...patches])
    },
  },
  {
    name: 'partial: an update may leave out a column that must not be null',
    skip: rowsOnly,
    async run(context) {
      const table = context.table('', { more: { title: { type: 'string' } }, required: ['title'] })
      const session = await context.connected()
      const insert = table.insert({ id: 'r1', title: 'required', quantity: 1 })
      const patch = table.patch('r1', { quantity: 2 })
      await session.writeAll([insert])
      await session.writeAll([patch])
      await context.expectStored([insert, patch])
    },
  },
  {
    name: 'partial: an update of a row that is not there makes it from what there is, or is refused',
    skip: rowsOnly,
    async run(context) {
      const table = context.table()
      const events = [
        table.insert({ id: 'r1', name: 'there' }),
        table.patch('missing', { name: 'partial', quantity: 3 }),
        table.patch('r1', { quantity: 1 }),
      ]
      const writer = new IsolatingWriter(await context.connected())
      await writer.write(events)
      const wrong = [...writer.refused.keys()].find((event) => event !== events[1])
      demand(
        wrong === undefined,
        `an update of a row that is there was refused: ${writer.refused.values().next().value}`,
      )
      await context.expectStored(events, { refused: writer.refused.keys() })
    },
  },
  {
    name: 'partial: merging in a batch is the same as one by one',
    skip: rowsOnly,
    async run(context) {
      const table = context.table()
      const session = await context.connected()
      const insert = table.insert({ id: 'r1', name: 'a', quantity: 1, price: 1 })
      const events = [
        insert,
        table.patch('r1', { name: 'b' }),
        table.patch('r1', { quantity: 2 }),
        table.remove('r1'),
        table.insert({ id: 'r1', name: 'c' }),
        table.patch('r1', { price: 3 }),
        table.patch('r1', { price: null, active: true }),
      ]
      await session.writeAll([insert])
      await session.writeAll(events.slice(1))
      await context.expectStored(events)
    },
  },
]
