import { type Delivery, padSequence } from '@eds/core'
import type { CapturedTable } from './column.js'
import type { Database, TextRow } from './database.js'
import { deliveryOf } from './deliver.js'
import { snapshotPosition } from './place.js'
import { RowWriter } from './row-writer.js'
import { quoteName, textSql } from './value-sql.js'

/** What a snapshot is taken of, and how its rows are named. */
export interface SnapshotPlan {
  readonly tables: readonly CapturedTable[]
  /** The change that the snapshot holds last. */
  readonly base: string
  readonly region: string
  readonly timestamp: number
  readonly mvccTimestamp: string
}

const chunkRows = 256

/**
 * The rows that a transaction sees, as INSERTs, in chunks. The transaction was begun by the caller, so that it sees exactly what the
 * plan's `base` says.
 */
export async function* readSnapshot(
  database: Database,
  plan: SnapshotPlan,
  bufferBytes: number,
): AsyncGenerator<Delivery[]> {
  let chunk: Delivery[] = []
  let bytes = 0
  let held: { writer: RowWriter; row: TextRow } | undefined
  let number = 0
  const add = (isLast: boolean) => {
    if (held === undefined) return
    number++
    const { writer, row } = held
    const after = writer.table.columns.map((_, index) => row[`c${index}`])
    const position = snapshotPosition(plan.base, padSequence(number), isLast)
    const delivery = deliveryOf(writer, { operation: 'INSERT', after }, { ...plan, position })
    chunk.push(delivery)
    bytes += delivery.bytes.length
  }
  for (const table of plan.tables) {
    const writer = new RowWriter(table)
    for await (const row of database.stream(selectSql(table))) {
      // The last row is known as such only when nothing came after it.
      add(false)
      held = { writer, row }
      if (chunk.length < chunkRows && bytes < bufferBytes) continue
      yield chunk
      chunk = []
      bytes = 0
    }
  }
  add(true)
  if (chunk.length > 0) yield chunk
}

function selectSql({ name, columns }: CapturedTable): string {
  const values = columns.map((column, index) => `${textSql(column, quoteName(column.name))} AS c${index}`)
  return `SELECT ${values.join(', ')} FROM ${quoteName(name)}`
}
