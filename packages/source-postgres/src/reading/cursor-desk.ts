import type { Client } from 'pg'
import { quoteTable } from '../connection/quote.js'
import type { CaptureMode } from '../types.js'

/** Rows that are still to be read from tables, at a point of the stream. */
export interface PendingSnapshot {
  readonly at: bigint
  /** Numbers of the tables, ascending. */
  readonly tables: readonly number[]
}

/** What the database remembers of a cursor. */
export interface CursorRecord {
  readonly mode: CaptureMode
  readonly position: string
  readonly pending?: PendingSnapshot
  /** Numbers of the tables that it reads. */
  readonly tables: readonly number[]
}

interface CursorRow {
  readonly mode: CaptureMode
  readonly position: string
  readonly pending: string | null
  readonly tables: string
}

/** The table in which the database remembers its cursors. */
export class CursorDesk {
  readonly #client: Client
  readonly #table: string
  readonly cursor: string

  constructor(client: Client, schema: string, cursor: string) {
    this.#client = client
    this.#table = quoteTable(schema, 'eds_cursor')
    this.cursor = cursor
  }

  async read(): Promise<CursorRecord | undefined> {
    const text = `SELECT mode, position, pending, tables FROM ${this.#table} WHERE cursor = $1`
    const { rows } = await this.#client.query<CursorRow>(text, [this.cursor])
    const [row] = rows
    if (!row) return undefined
    const { mode, position, pending, tables } = row
    return { mode, position, tables: JSON.parse(tables) as number[], ...(pending && { pending: readPending(pending) }) }
  }

  async write({ mode, position, pending, tables }: CursorRecord): Promise<void> {
    const values = [this.cursor, mode, position, pending ? writePending(pending) : null, JSON.stringify(tables)]
    await this.#client.query(
      `INSERT INTO ${this.#table} (cursor, mode, position, pending, tables) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (cursor) DO UPDATE SET mode = $2, position = $3, pending = $4, tables = $5`,
      values,
    )
  }

  async savePosition(position: string): Promise<void> {
    await this.#client.query(`UPDATE ${this.#table} SET position = $2 WHERE cursor = $1`, [this.cursor, position])
  }

  async savePending(pending: PendingSnapshot | undefined, tables: readonly number[]): Promise<void> {
    await this.#client.query(`UPDATE ${this.#table} SET pending = $2, tables = $3 WHERE cursor = $1`, [
      ...[this.cursor, pending ? writePending(pending) : null, JSON.stringify(tables)],
    ])
  }
}

function writePending({ at, tables }: PendingSnapshot): string {
  return JSON.stringify({ at: at.toString(), tables })
}

function readPending(text: string): PendingSnapshot {
  const { at, tables } = JSON.parse(text) as { readonly at: string; readonly tables: readonly number[] }
  return { at: BigInt(at), tables }
}
