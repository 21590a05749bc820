import type { Operation } from '@eds/core'
import type { TableShape } from './table-shape.js'

/** One row image, in the order of the shape's columns: text as PostgreSQL writes it; `undefined` was not sent. */
export type Tuple = readonly (string | null | undefined)[]

/** One change of one row. */
export interface CapturedChange {
  readonly operation: Operation
  readonly shape: TableShape
  readonly before?: Tuple
  readonly after?: Tuple
  /** When it was made, epoch milliseconds. */
  readonly time: number
}

/** A change of the primary key is the end of one row and the beginning of another. */
export function splitKeyChange(change: CapturedChange): readonly CapturedChange[] {
  const { operation, shape, before, after, time } = change
  if (operation !== 'UPDATE' || !before || !after) return [change]
  const moved = shape.keys.some((at) => before[at] !== undefined && before[at] !== null && before[at] !== after[at])
  if (!moved) return [change]
  return [
    { operation: 'DELETE', shape, before, time },
    { operation: 'INSERT', shape, after: after.map((value, at) => (value === undefined ? before[at] : value)), time },
  ]
}
