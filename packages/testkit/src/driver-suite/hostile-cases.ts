import type { ChangeEvent } from '@eds/core'
import { demand } from '../conformance/violation.js'
import type { DriverCase } from './driver-case.js'
import {
  type HostileValues,
  hostileDates,
  hostileIntegers,
  hostileKeys,
  hostileNumbers,
  hostileObjects,
  hostileTexts,
} from './hostile-values.js'
import { IsolatingWriter } from './isolate.js'
import type { TestTable } from './test-table.js'

type MakeEvent = (table: TestTable, index: number, value: HostileValues[string]) => ChangeEvent

/** Hostile rows among good ones in one batch: each is stored unchanged or refused by itself; a good one is never refused. */
function hostileCase(what: string, values: HostileValues, make: MakeEvent): DriverCase {
  return {
    name: `hostile values: ${what} arrive unchanged or are refused one by one`,
    async run(context) {
      const table = context.table()
      const hostile = new Set<ChangeEvent>()
      const events = Object.values(values).flatMap((value, index) => {
        const event = make(table, index, value)
        hostile.add(event)
        return [table.insert({ id: `good ${index}`, name: 'stays', quantity: index }), event]
      })
      const writer = new IsolatingWriter(await context.connected())
      await writer.write(events)
      for (const [event, reason] of writer.refused) {
        demand(hostile.has(event), `a good event was refused along with a hostile one: ${reason}`)
      }
      await context.expectStored(events, { refused: writer.refused.keys(), replayed: writer.refused.size > 0 })
    },
  }
}

function inColumn(column: string): MakeEvent {
  return (table, index, value) => table.insert({ id: `hostile ${index}`, [column]: value })
}

export const hostileCases: readonly DriverCase[] = [
  hostileCase('texts', hostileTexts, inColumn('name')),
  hostileCase('integers', hostileIntegers, inColumn('quantity')),
  hostileCase('numbers', hostileNumbers, inColumn('price')),
  hostileCase('objects', hostileObjects, inColumn('details')),
  hostileCase('arrays', hostileTexts, (table, index, value) => table.insert({ id: `hostile ${index}`, tags: [value] })),
  hostileCase('dates', hostileDates, inColumn('createdDate')),
  hostileCase('keys', hostileKeys, (table, _, value) => table.insert({ id: String(value), name: 'hostile key' })),
  {
    name: 'hostile values: rows with hostile keys are updated and deleted, each by itself',
    async run(context) {
      const table = context.table()
      const session = await context.connected()
      const keys = Object.values(hostileKeys).map(String)
      const writer = new IsolatingWriter(session)
      const inserts = keys.map((id) => table.insert({ id, name: id.slice(0, 5), quantity: 1 }))
      await writer.write(inserts)
      const taken = keys.filter((_, index) => !writer.refused.has(inserts[index] as ChangeEvent))
      const changes = taken.map((id, index) => (index % 2 === 0 ? table.remove(id) : table.patch(id, { quantity: 2 })))
      await session.writeAll(changes)
      await context.expectStored([...inserts, ...changes], { refused: writer.refused.keys(), replayed: true })
    },
  },
]
