import type { Operation } from '@eds/core'
import type { CapturedChange, Tuple } from '../event/captured-change.js'
import { parseRecord } from '../event/record-text.js'
import type { TableShape } from '../event/table-shape.js'

/** A row of the outbox as it is read. */
export interface OutboxRow {
  readonly id: string
  readonly relation: string
  readonly operation: Operation
  /** Epoch milliseconds. */
  readonly time: string
  /** JSON: names of the columns, null where one is generated. */
  readonly columns: string
  /** JSON: their types' numbers. */
  readonly types: string
  readonly before: string | null
  readonly after: string | null
}

/** Pure. */
export function changeOf(row: OutboxRow, shape: TableShape, names: readonly (string | null)[]): CapturedChange {
  const tuple = (text: string): Tuple => parseRecord(text).filter((_, at) => names[at] !== null)
  return {
    operation: row.operation,
    shape,
    time: Number(row.time),
    ...(row.before === null ? {} : { before: tuple(row.before) }),
    ...(row.after === null ? {} : { after: tuple(row.after) }),
  }
}
