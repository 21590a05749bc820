import type { ChangeEvent } from '@eds/core'
import type { DriverCaseContext } from './case-context.js'
import type { DriverCase } from './driver-case.js'
import type { TestTable } from './test-table.js'

/** Inserts, updates, partial updates, deletes and a row that comes again: twelve changes of four rows. */
function changes(table: TestTable): ChangeEvent[] {
  return [
    table.insert({ id: 'r1', name: 'one', quantity: 1 }),
    table.insert({ id: 'r2', name: 'two', quantity: 2 }),
    table.patch('r1', { quantity: 11 }),
    table.insert({ id: 'r3', name: 'three' }),
    table.remove('r2'),
    table.update({ id: 'r3', name: 'drei', price: 3.5 }),
    table.patch('r3', { active: true }),
    table.insert({ id: 'r2', name: 'two again' }),
    table.remove('r1'),
    table.insert({ id: 'r4', name: 'four' }),
    table.patch('r4', { name: 'vier' }),
    table.remove('r3'),
  ]
}

/** Writes slices of the changes in this order; the last one reaches the end. */
function replay(name: string, slices: readonly (readonly [from: number, to: number])[]): DriverCase {
  return {
    name,
    async run(context: DriverCaseContext) {
      const events = changes(context.table())
      const session = await context.connected()
      for (const [from, to] of slices) await session.writeAll(events.slice(from, to))
      await context.expectStored(events, { replayed: true })
    },
  }
}

export const replayCases: readonly DriverCase[] = [
  replay('replay: the same batch twice leaves what it left once', [
    [0, 12],
    [0, 12],
  ]),
  replay('replay: batches that overlap leave what the events leave once', [
    [0, 6],
    [3, 9],
    [1, 7],
    [5, 12],
  ]),
  replay('replay: single events after a batch that was applied leave what the batch left', [
    [0, 12],
    ...Array.from({ length: 12 }, (_, index) => [index, index + 1] as const),
  ]),
  {
    name: 'replay: another instance repeats a batch',
    async run(context) {
      const events = changes(context.table())
      await (await context.connected()).writeAll(events)
      await (await context.connected()).writeAll(events)
      await context.expectStored(events, { replayed: true })
    },
  },
]
