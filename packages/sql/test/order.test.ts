import type { ChangeEvent, Operation, Row } from '@eds/core'
import { rowKeyOf } from '@eds/core'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { ModelDatabase, type ModelRow, planOf, schemaOf, tableOf } from './model.js'

/** `plain` takes any partial image, `strict` cannot make a row without `name`; both have a newer version with one column more. */
const tables = ['plain', 'strict'].map((table) => {
  const versions = [
    schemaOf(table, ['id', 'name', 'note']),
    schemaOf(table, ['id', 'name', 'note', 'added'], { modelVersion: 'v2' }),
  ]
  const strict = table === 'strict' ? { name: { notNull: true } } : {}
  return [table, planOf(versions, tableOf(versions[1]!, strict))] as const
})
const plans = new Map(tables)

interface Change {
  readonly operation: Operation
  readonly table: string
  readonly id: string
  readonly modelVersion: string
  /** Absent columns did not change. */
  readonly columns: Row
}

const value = fc.constantFrom('x', 'y', 'z', null)
const change: fc.Arbitrary<Change> = fc.record({
  operation: fc.constantFrom<Operation>('INSERT', 'UPDATE', 'UPDATE', 'DELETE'),
  table: fc.constantFrom('plain', 'strict'),
  id: fc.constantFrom('1', '2', '3'),
  modelVersion: fc.constantFrom('v1', 'v2'),
  columns: fc.record({ name: value, note: value, added: value }, { requiredKeys: [] }),
})

let sequence = 0

/** An INSERT carries all that its version has, an UPDATE what the history says. */
function eventOf({ operation, table, id, modelVersion, columns }: Change): ChangeEvent {
  const position = String(++sequence)
  const whole = modelVersion === 'v2' ? { name: null, note: null, added: null } : { name: null, note: null }
  const image: Row = { id, ...(operation === 'INSERT' ? { ...whole, ...columns } : columns) }
  const fields = { operation, id: position, table, key: ['region', id], modelVersion, timestamp: 0, position }
  const images = operation === 'DELETE' ? { before: { id } } : { after: image }
  const event = { ...fields, ...images, mvccTimestamp: `${position}.0`, bytes: new Uint8Array() }
  return { ...event, rowKey: rowKeyOf(event) }
}

/** What the contract says of one event. `lenient`: a row may be made without what it must have. False when it cannot be applied. */
function applyOne(rows: Map<string, ModelRow>, event: ChangeEvent, lenient: boolean): boolean {
  const { operation, table, key, modelVersion, after } = event
  const name = `${table}\u0000${key[1]}`
  if (operation === 'DELETE') {
    rows.delete(name)
    return true
  }
  const known = modelVersion === 'v2' ? ['id', 'name', 'note', 'added'] : ['id', 'name', 'note']
  const carried = known.filter((column) => after?.[column] !== undefined)
  const image = Object.fromEntries(carried.map((column) => [column, after?.[column] ?? null])) as ModelRow
  if (table === 'strict' && image.name === null) return false
  const row = rows.get(name)
  if (row === undefined && table === 'strict' && image.name === undefined && !lenient) return false
  rows.set(name, { ...(row ?? { id: null, name: null, note: null, added: null }), ...image })
  return true
}

/** Row → index of its first event that cannot be applied, one after the other. */
function firstFaults(rows: ReadonlyMap<string, ModelRow>, events: readonly ChangeEvent[]): Map<string, number> {
  const copy = new Map(rows)
  const faults = new Map<string, number>()
  for (const [index, event] of events.entries()) {
    if (!faults.has(event.rowKey) && !applyOne(copy, event, false)) faults.set(event.rowKey, index)
  }
  return faults
}

function checkBatch(database: ModelDatabase, expected: Map<string, ModelRow>, events: readonly ChangeEvent[]): void {
  const faults = firstFaults(expected, events)
  const failures = database.apply(events)
  const failed = new Set(failures.map(({ index }) => index))
  const first = new Map(failures.toReversed().map(({ index }) => [events[index]?.rowKey, index]))
  for (const [rowKey, index] of first)
    expect(faults.get(rowKey ?? ''), 'a fault that is one').toBeLessThanOrEqual(index)
  for (const [index, event] of events.entries()) {
    const start = first.get(event.rowKey)
    // Changes that make a row only together are one change to the database.
    if (failed.has(index)) continue
    expect(start === undefined || index < start, 'nothing is applied behind a failure').toBe(true)
    expect(applyOne(expected, event, true), 'what cannot be applied is reported').toBe(true)
  }
  expect(Object.fromEntries(database.rows)).toEqual(Object.fromEntries(expected))
  for (const [name, row] of expected) if (name.startsWith('strict')) expect(row.name).not.toBeNull()
}

it('any history in batches ends as one change after the other does', () => {
  const batches = fc.array(fc.array(change, { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 3 })
  fc.assert(
    fc.property(batches, (history) => {
      const database = new ModelDatabase(plans)
      const expected = new Map<string, ModelRow>()
      for (const batch of history) checkBatch(database, expected, batch.map(eventOf))
    }),
    { numRuns: 100_000 },
  )
}, 300_000)
