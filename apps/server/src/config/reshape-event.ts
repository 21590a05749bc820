import { createHmac } from 'node:crypto'
import {
  type ChangeEvent,
  EdsError,
  type EventStage,
  type JsonValue,
  type Row,
  rewriteEvent,
  stringifyJson,
} from '@eds/core'
import type { FilterConfig } from './schema.js'
import { eventFilter } from './table-filter.js'
import type { ColumnShape, Shapes, TableShape } from './table-shape.js'

/** What stands for a value that is masked. */
export const maskedValue = '***'

export interface ReshapeOptions {
  readonly filters: readonly FilterConfig[]
  readonly shapes: Shapes
  /** Makes hashes of values; must be given when a shape hashes. */
  readonly hashKey: string | undefined
}

/**
 * The stage that filters and changes events as the configuration says. Which row an event changes stays the same: its key is not touched.
 * The event's bytes are made anew, so that nobody behind it, dead letters neither, sees what was taken out.
 *
 * An event of a table whose name another table takes is refused (`record`): their rows would be mixed.
 */
export function reshapeStage({ filters, shapes, hashKey = '' }: ReshapeOptions): EventStage {
  const passes = eventFilter(filters)
  const hash = (text: string) => createHmac('sha256', hashKey).update(text).digest('hex')
  return (event) => {
    if (!passes(event)) return undefined
    const rival = shapes.taken.get(event.table)
    if (rival !== undefined) throw mixed(event.table, rival)
    const shape = shapes.of(event.table)
    return shape === undefined ? event : reshapeEvent(event, shape, hash)
  }
}

function reshapeEvent(event: ChangeEvent, shape: TableShape, hash: (text: string) => string): ChangeEvent {
  const { before, after, diff } = event
  return rewriteEvent(event, {
    table: shape.table,
    ...(before && { before: reshapeRow(before, shape, hash) }),
    ...(after && { after: reshapeRow(after, shape, hash) }),
    ...(diff && { diff: diff.flatMap((name) => shape.column(name)?.name ?? []) }),
  })
}

function reshapeRow(row: Row, shape: TableShape, hash: (text: string) => string): Row {
  return Object.fromEntries(
    Object.entries(row).flatMap(([name, value]) => {
      const column = shape.column(name)
      return column === undefined || value === undefined ? [] : [[column.name, treat(value, column, hash)]]
    }),
  )
}

/** Null tells nothing but that there is nothing, and stays. */
function treat(value: JsonValue, { treatment }: ColumnShape, hash: (text: string) => string): JsonValue {
  if (treatment === 'keep' || value === null) return value
  if (treatment === 'mask') return maskedValue
  return hash(typeof value === 'string' ? value : (stringifyJson(value) ?? ''))
}

function mixed(table: string, rival: string): EdsError {
  return new EdsError('record', `table "${table}" would be mixed with "${rival}", which is renamed to it`, {
    table,
    fix: `exclude or rename "${table}" in the configuration, too`,
  })
}
