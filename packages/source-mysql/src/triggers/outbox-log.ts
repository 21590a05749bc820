import { type Delivery, EdsError, type Operation } from '@eds/core'
import type { CapturedTable } from '../column.js'
import type { Database } from '../database.js'
import { deliveryOf } from '../deliver.js'
import { pendingPosition } from '../place.js'
import { type RowImage, RowWriter } from '../row-writer.js'
import { quoteName } from '../value-sql.js'
import { outboxBase, outboxMvcc } from './outbox-place.js'

interface OutboxRow {
  readonly sequence: string
  readonly operation: string
  readonly table_name: string
  readonly model_version: string
  readonly changed_at: string
  readonly before_image: string | null
  readonly after_image: string | null
}

const operations: Readonly<Record<string, Operation>> = { I: 'INSERT', U: 'UPDATE', D: 'DELETE' }
const chunkRows = 1_000

export interface OutboxLogOptions {
  readonly outbox: string
  readonly region: string
  readonly bufferBytes: number
  /** When the outbox was made. */
  readonly created: number
  /** Tables to deliver; undefined: all that are in the outbox. */
  readonly tables: ReadonlySet<string> | undefined
  /** The version of a table that a change was written by. */
  readonly version: (table: string, modelVersion: string) => Promise<CapturedTable | undefined>
}

/** What was read: how far it reaches, and the changes that are ours. */
export interface OutboxChunk {
  readonly last: number
  readonly deliveries: readonly Delivery[]
}

/** Reads sequenced changes. */
export class OutboxLog {
  readonly #database: Database
  readonly #options: OutboxLogOptions
  readonly #writers = new Map<string, RowWriter>()

  constructor(database: Database, options: OutboxLogOptions) {
    this.#database = database
    this.#options = options
  }

  /** The next changes after a sequence; undefined when there are none yet. Rejects with `gap` when they are gone. */
  async next(after: number, isPending: boolean): Promise<OutboxChunk | undefined> {
    const last = await this.#reach(after)
    if (last === undefined) return undefined
    const text = `SELECT sequence, operation, table_name, model_version, changed_at, before_image, after_image
FROM ${quoteName(this.#options.outbox)} WHERE sequence BETWEEN ? AND ? ORDER BY sequence`
    const rows = await this.#database.query<OutboxRow>(text, [after + 1, last])
    if (rows.length !== last - after) throw this.#gone(after + 1)
    const deliveries: Delivery[] = []
    for (const row of rows) {
      const delivery = await this.#delivery(row, isPending)
      if (delivery !== undefined) deliveries.push(delivery)
    }
    return { last, deliveries }
  }

  /** The last sequence that fits into a chunk. */
  async #reach(after: number): Promise<number | undefined> {
    const { outbox, bufferBytes } = this.#options
    const text = `SELECT sequence, bytes FROM ${quoteName(outbox)} WHERE sequence > ? ORDER BY sequence LIMIT ${chunkRows}`
    const rows = await this.#database.query<{ sequence: string; bytes: string }>(text, [after])
    let bytes = 0
    let last: number | undefined
    for (const row of rows) {
      bytes += Number(row.bytes)
      if (last !== undefined && bytes > bufferBytes) break
      if (Number(row.sequence) !== (last ?? after) + 1) throw this.#gone((last ?? after) + 1)
      last = Number(row.sequence)
    }
    return last
  }

  async #delivery(row: OutboxRow, isPending: boolean): Promise<Delivery | undefined> {
    const { created, region, tables } = this.#options
    if (tables !== undefined && !tables.has(row.table_name)) return undefined
    const writer = await this.#writer(row.table_name, row.model_version)
    const place = { created, sequence: Number(row.sequence) }
    const base = outboxBase(place)
    const change = {
      operation: operations[row.operation] ?? 'UPDATE',
      ...(row.before_image === null ? {} : { before: imageOf(writer.table, row.before_image) }),
      ...(row.after_image === null ? {} : { after: imageOf(writer.table, row.after_image) }),
    }
    return deliveryOf(writer, change, {
      position: isPending ? pendingPosition(base) : base,
      region,
      timestamp: Number(row.changed_at),
      mvccTimestamp: outboxMvcc(place, 0),
    })
  }

  async #writer(table: string, modelVersion: string): Promise<RowWriter> {
    const name = `${table}\0${modelVersion}`
    const known = this.#writers.get(name)
    if (known !== undefined) return known
    const version = await this.#options.version(table, modelVersion)
    if (version === undefined) {
      throw new EdsError(
        'unsupported',
        `the outbox holds changes of "${table}" in version ${modelVersion}, which nobody remembers`,
        {
          fix: 'the table eds_schemas was emptied: remove the capture and start anew',
        },
      )
    }
    const writer = new RowWriter(version)
    this.#writers.set(name, writer)
    return writer
  }

  #gone(sequence: number): EdsError {
    return new EdsError('gap', `the outbox "${this.#options.outbox}" no longer holds change ${sequence}`, {
      fix: 'something else deleted from it: import again, or forget the cursor and start anew',
    })
  }
}

/** As the trigger wrote it: column → text. */
function imageOf({ columns }: CapturedTable, text: string): RowImage {
  const values = JSON.parse(text) as Record<string, string | null>
  return columns.map(({ name }) => values[name])
}
