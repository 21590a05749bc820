import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import {
  type BulkImporter,
  type BulkLoadRequest,
  type BulkLoadResult,
  type ChangeEvent,
  EdsError,
  isEdsError,
  type TableSchema,
} from '@eds/core'
import { createTableStatement, missingRows, type RowChunks, readableRows } from '@eds/sql'
import type { PostgresConfig } from './config.js'
import { CopyBuffer } from './copy-buffer.js'
import { PostgresDialect } from './dialect.js'
import { encodeBatch } from './encode.js'
import { copyLineOf, toMigrationError, toPostgresError } from './errors.js'
import { explain } from './explain.js'
import { restoreKey, takeKey } from './import-key.js'
import { copyTableStatement, ImportLines } from './import-lines.js'
import { Session } from './session.js'
import { readCatalog, Tables } from './tables.js'
import { forgetTombstones } from './tombstones.js'

/** Rows that a merge applies at a time. */
const mergeRows = 5_000

/** Loads whole tables, each over a connection and in a transaction of its own, so that several may be loaded at once. */
export class BulkLoader implements BulkImporter {
  readonly readsText = true
  readonly #config: PostgresConfig

  constructor(config: PostgresConfig) {
    this.#config = config
  }

  async load({ schema, rows, mode }: BulkLoadRequest, signal: AbortSignal): Promise<BulkLoadResult> {
    const session = await Session.open(this.#config, signal)
    try {
      const load = new TableLoad(session, schema, this.#config.guard, signal)
      if (mode === 'merge') return { rows: await load.merge(readableRows(rows)) }
      // CockroachDB takes no COPY next to other statements of a transaction.
      if (session.server.cockroach) return { rows: await load.replaceByMerge(readRows(readableRows(rows))) }
      return { rows: await load.replace(readableRows(rows)) }
    } catch (error) {
      await session.rollBack()
      throw toPostgresError(error)
    } finally {
      await session.close()
    }
  }
}

/** Reads rows that came unread, so that one that cannot be read is known by its place. */
async function* readRows(chunks: RowChunks): RowChunks {
  let before = 0
  for await (const chunk of chunks) {
    for (const [index, row] of chunk.entries()) demandReadable(row, before + index)
    yield chunk
    before += chunk.length
  }
}

function demandReadable(row: ChangeEvent, index: number): void {
  try {
    void row.after
  } catch (error) {
    throw isEdsError(error) ? atRow(error, index) : error
  }
}

/** One load of one table. */
class TableLoad {
  readonly #session: Session
  readonly #schema: TableSchema
  readonly #tables: Tables
  readonly #guard: boolean
  readonly #signal: AbortSignal

  constructor(session: Session, schema: TableSchema, guard: boolean, signal: AbortSignal) {
    this.#session = session
    this.#schema = schema
    this.#guard = guard
    this.#signal = signal
    this.#tables = new Tables(() => session, guard)
  }

  /** A new table in place of the old one, which nobody misses before the new one is complete. */
  async replace(chunks: RowChunks): Promise<number> {
    await this.#run('BEGIN')
    await this.#recreate()
    const plan = this.#tables.planFor(this.#session, [this.#schema], await this.#catalog())
    const key = await takeKey(this.#session, plan, this.#signal)
    const lines = new ImportLines(plan, this.#schema.modelVersion)
    await this.#session.lend(this.#signal, async (client) => {
      const { from } = await import('pg-copy-streams')
      const target = client.query(from(copyTableStatement(plan)))
      try {
        await pipeline(Readable.from(lines.of(chunks)), target)
      } catch (error) {
        if (isEdsError(error)) throw error
        const line = copyLineOf(error, this.#schema.table)
        throw toPostgresError(error, { table: this.#schema.table, ...(line === undefined ? {} : { index: line - 1 }) })
      }
    })
    await restoreKey(this.#session, plan, key, this.#signal)
    await this.#run('COMMIT')
    return lines.count
  }

  async replaceByMerge(chunks: RowChunks): Promise<number> {
    await this.#recreate()
    return this.merge(chunks)
  }

  /** Rows by primary key into what is there, all or none. */
  async merge(chunks: RowChunks): Promise<number> {
    await this.#tables.prepare([this.#schema], this.#signal)
    await this.#run('BEGIN')
    let count = 0
    for await (const chunk of chunks) {
      for (let from = 0; from < chunk.length; from += mergeRows) {
        const events = chunk.slice(from, from + mergeRows)
        await this.#mergeSome(events, count)
        count += events.length
      }
    }
    await this.#run('COMMIT')
    return count
  }

  async #mergeSome(events: readonly ChangeEvent[], before: number): Promise<void> {
    const { cockroach, stage } = this.#session.server
    const { work, failures, chains } = encodeBatch(events, this.#tables.plans, {
      copy: stage ? new CopyBuffer(Buffer.alloc(0)) : undefined,
      parameterStyle: cockroach ? 'values' : 'json',
      begin: false,
    })
    const [failure] = failures
    if (failure !== undefined) throw atRow(failure.error, before + failure.index)
    if (work === undefined) return
    try {
      const { missing } = await this.#session.send(work, this.#signal)
      const [absent] = missingRows(events, chains, missing)
      if (absent !== undefined) throw atRow(absent.error, before + absent.index)
      // The stage empties itself at the end of the transaction only.
      if (work.kind === 'copy') await this.#session.clearStage()
    } catch (error) {
      const known = explain(error, work)
      throw known.index === undefined || isEdsError(error) ? known : atRow(known, before + known.index)
    }
  }

  async #recreate(): Promise<void> {
    const dialect = new PostgresDialect(this.#session.server.schemaName)
    try {
      await this.#run(`DROP TABLE IF EXISTS ${dialect.qualified(this.#schema.table)}`)
      await this.#run(createTableStatement([this.#schema], dialect, { guard: this.#guard }))
      if (this.#guard) await forgetTombstones(this.#session, this.#schema.table, this.#signal)
    } catch (error) {
      throw toMigrationError(error)
    }
  }

  #catalog(): ReturnType<typeof readCatalog> {
    return readCatalog(this.#session, [this.#schema.table], this.#signal)
  }

  async #run(statement: string): Promise<void> {
    await this.#session.query(statement, undefined, this.#signal)
  }
}

function atRow(error: EdsError, index: number): EdsError {
  const { code, message, table, fix } = error
  const facts = { ...(table === undefined ? {} : { table }), ...(fix === undefined ? {} : { fix }) }
  return new EdsError(code, message, { ...facts, index, cause: error })
}
