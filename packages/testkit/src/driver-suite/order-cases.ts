import type { ChangeEvent } from '@eds/core'
import type { DriverCaseContext } from './case-context.js'
import type { DriverCase } from './driver-case.js'
import type { TestTable } from './test-table.js'

/** A case that writes events as one batch and looks at what is stored then. */
function oneBatch(name: string, make: (table: TestTable, context: DriverCaseContext) => ChangeEvent[]): DriverCase {
  return {
    name,
    async run(context) {
      const events = make(context.table(), context)
      await (await context.connected()).writeAll(events)
      await context.expectStored(events)
    },
  }
}

export const orderCases: readonly DriverCase[] = [
  oneBatch('order: a row that is inserted and deleted in one batch is gone', (table) => [
    table.insert({ id: 'r1', name: 'short-lived' }),
    table.insert({ id: 'r2', name: 'stays' }),
    table.remove('r1'),
  ]),
  oneBatch('order: a row that is deleted and inserted again in one batch is there', (table) => [
    table.insert({ id: 'r1', name: 'old', quantity: 1 }),
    table.remove('r1'),
    table.insert({ id: 'r1', name: 'new' }),
  ]),
  oneBatch('order: many changes of a row in one batch end at the last', (table) => [
    table.insert({ id: 'r1', quantity: 0 }),
    ...Array.from({ length: 40 }, (_, index) =>
      index % 3 === 0 ? table.patch('r1', { quantity: index }) : table.update({ id: 'r1', quantity: index }),
    ),
  ]),
  oneBatch('order: deletes and inserts of a row alternate in one batch', (table) => [
    ...Array.from({ length: 12 }, (_, index) =>
      index % 2 === 0 ? table.insert({ id: 'r1', quantity: index }) : table.remove('r1'),
    ),
    table.insert({ id: 'r2' }),
  ]),
  oneBatch('order: many rows change in turn in one batch', (table) =>
    Array.from({ length: 200 }, (_, index) => {
      const id = `r${index % 10}`
      return index < 10 ? table.insert({ id, quantity: index }) : table.update({ id, quantity: index })
    }),
  ),
  {
    name: 'order: changes of a row in batches that follow each other end at the last',
    async run(context) {
      const table = context.table()
      const session = await context.connected()
      const events = [
        table.insert({ id: 'r1', quantity: 1 }),
        table.update({ id: 'r1', quantity: 2 }),
        table.remove('r1'),
        table.insert({ id: 'r1', quantity: 3 }),
        table.patch('r1', { quantity: 4 }),
      ]
      for (const event of events) await session.writeAll([event])
      await context.expectStored(events)
    },
  },
  oneBatch('rows: an insert of a row that is there replaces it', (table) => [
    table.insert({ id: 'r1', name: 'old', quantity: 1 }),
    table.insert({ id: 'r1', name: 'new', price: 2.5 }),
  ]),
  {
    name: 'rows: a deleted row is gone',
    async run(context) {
      const table = context.table()
      const session = await context.connected()
      const events = [table.insert({ id: 'r1', name: 'goes' }), table.insert({ id: 'r2', name: 'stays' })]
      await session.writeAll(events)
      events.push(table.remove('r1'))
      await session.writeAll(events.slice(2))
      await context.expectStored(events)
    },
  },
  oneBatch('rows: a delete of a row that is not there changes nothing', (table) => [
    table.insert({ id: 'r1' }),
    table.remove('r2'),
  ]),
  oneBatch('rows: an update with the whole row makes a row that is not there', (table) => [
    table.update({ id: 'r1', name: 'whole', active: true }),
  ]),
  oneBatch('rows: every column type keeps its value', (table) => [
    table.insert({
      id: 'r1',
      name: 'Öl & Filter',
      quantity: -12,
      price: 19.99,
      active: false,
      createdDate: '2024-07-11T17:56:51.708587Z',
      details: { nested: { list: [1, null, 'two', { three: true }] }, empty: {} },
      tags: ['a', 'b,c', '"quoted"'],
    }),
    table.insert({ id: 'r2', name: '', quantity: 0, price: 0, active: true, details: {}, tags: [] }),
  ]),
  {
    name: 'rows: tables do not mix',
    async run(context) {
      const [orders, customers] = [context.table('orders'), context.table('customers')]
      const events = [
        orders.insert({ id: 'r1', name: 'an order' }),
        customers.insert({ id: 'r1', name: 'a customer' }),
        orders.remove('r1'),
        customers.patch('r1', { name: 'the customer' }),
      ]
      await (await context.connected()).writeAll(events)
      await context.expectStored(events)
    },
  },
]
