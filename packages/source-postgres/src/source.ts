import type { OpenRequest, SchemaRegistry, Source, SourceReader } from '@eds/core'
import type { Client } from 'pg'
import { Catalog } from './catalog/catalog.js'
import { ShapeRegistry } from './catalog/shape-registry.js'
import { withSession } from './connection/connect.js'
import { quoteTable } from './connection/quote.js'
import { captureTables, installBase } from './install/install.js'
import { exists, findEsink, removeAll, removeEsink, stopOutbox } from './install/remove.js'
import { CursorDesk } from './reading/cursor-desk.js'
import { lockCursor } from './reading/cursor-lock.js'
import { openReader } from './reading/opening.js'
import { dropSlot, slotName } from './replication/slot.js'
import type { Settings } from './settings.js'
import type { CaptureMode, CursorStatus, EsinkTrigger, Removal } from './types.js'

/** How long the server may take to see that a reader is gone. */
const leavingMs = 1_000

/** A PostgreSQL database as a source. Every reader has sessions of its own. */
export class PostgresSource implements Source {
  readonly description: string
  /** For the pipeline's option `registry`: schemas from the database's catalog, under the versions that the events name. */
  readonly registry: SchemaRegistry
  readonly #settings: Settings
  readonly #shapes: ShapeRegistry
  /** By cursor: a reader that broke is replaced by the next. */
  readonly #readers = new Map<string, SourceReader>()

  constructor(settings: Settings) {
    this.#settings = settings
    this.description = settings.endpoint.where
    this.#shapes = new ShapeRegistry(() => this.#session((client) => Catalog.read(client, settings.tables)))
    this.registry = this.#shapes
  }

  /** Installs what is missing in the database, then reads. At most one reader per cursor, in all processes. */
  async open(request: OpenRequest): Promise<SourceReader> {
    const reader = await openReader(this.#settings, this.#shapes, request)
    this.#readers.set(request.cursor, reader)
    return reader
  }

  /**
   * Drops the cursor's slot or its place in the outbox. After the last reader of the outbox its triggers go too. Rejects (`connection`)
   * while a reader, of any process, has the cursor.
   */
  async forget(cursor: string): Promise<void> {
    const { schema } = this.#settings
    await this.#session(async (client) => {
      const table = quoteTable(schema, 'eds_cursor')
      if (!(await exists(client, table))) return
      await lockCursor(client, cursor, this.#settings, Math.min(this.#settings.takeoverMs, leavingMs))
      const record = await new CursorDesk(client, schema, cursor).read()
      if (record?.mode === 'replication') await dropSlot(client, slotName(cursor, this.#settings.endpoint.database))
      await client.query(`DELETE FROM ${table} WHERE cursor = $1`, [cursor])
      if (record?.mode !== 'triggers') return
      const { rowCount } = await client.query(`SELECT FROM ${table} WHERE mode = 'triggers'`)
      if (rowCount === 0) await stopOutbox(client, schema)
    })
  }

  /** Captures the tables in this mode from now on, without reading. Opening a reader does it too. */
  async install(mode: CaptureMode): Promise<void> {
    await this.#session(async (client) => {
      const catalog = await Catalog.read(client, this.#settings.tables)
      catalog.demandTables()
      await installBase(client, this.#settings)
      await captureTables(client, catalog.tables.values(), mode, this.#settings)
    })
  }

  /**
   * Takes away everything named `eds_*` that was installed in the database, for all cursors and both modes. Idempotent. Rejects
   * (`connection`), before anything is gone, while a cursor has a reader: it would install all of it anew.
   */
  remove(): Promise<Removal> {
    return this.#session((client) => removeAll(client, this.#settings))
  }

  /** Triggers that the former program esink left; they go on failing large writes. */
  findEsinkTriggers(): Promise<readonly EsinkTrigger[]> {
    return this.#session(findEsink)
  }

  /** Removes them and their function, and resolves to what was removed. */
  removeEsinkTriggers(): Promise<readonly EsinkTrigger[]> {
    return this.#session(removeEsink)
  }

  /** Where the cursors stand, and what the database holds for each. */
  status(): Promise<readonly CursorStatus[]> {
    return this.#session((client) => readStatus(client, this.#settings))
  }

  async close(): Promise<void> {
    await Promise.all([...this.#readers.values()].map((reader) => reader.close()))
    this.#readers.clear()
  }

  #session<T>(work: (client: Client) => Promise<T>): Promise<T> {
    return withSession(this.#settings.endpoint, work)
  }
}

async function readStatus(client: Client, { schema, endpoint }: Settings): Promise<CursorStatus[]> {
  const table = quoteTable(schema, 'eds_cursor')
  if (!(await exists(client, table))) return []
  const { rows } = await client.query<{ cursor: string; mode: CaptureMode; position: string }>(
    `SELECT cursor, mode, position FROM ${table} ORDER BY cursor`,
  )
  const statuses: CursorStatus[] = []
  for (const row of rows) {
    const { rows: counted } = await (row.mode === 'replication'
      ? client.query<{ behind: string }>(
          `SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), confirmed_flush_lsn) AS behind FROM pg_replication_slots WHERE slot_name = $1`,
          [slotName(row.cursor, endpoint.database)],
        )
      : client.query<{ behind: string }>(
          `SELECT count(*) AS behind FROM ${quoteTable(schema, 'eds_outbox')} WHERE id > ('x' || substr($1, 10, 16))::bit(64)::int8`,
          [row.position],
        ))
    statuses.push({ ...row, behind: Number(counted[0]?.behind ?? 0) })
  }
  return statuses
}
