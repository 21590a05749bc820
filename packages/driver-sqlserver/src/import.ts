import { randomUUID } from 'node:crypto'
import {
  type BulkImporter,
  type BulkLoadRequest,
  type BulkLoadResult,
  type ChangeEvent,
  EdsError,
  isEdsError,
  type TableSchema,
  toEdsError,
} from '@eds/core'
import { missingRows } from '@eds/sql'
import type { SqlServerConfig } from './config.js'
import { SqlServerDialect } from './dialect.js'
import { encodeBatch } from './encode.js'
import { toMigrationError, toSqlServerError } from './errors.js'
import { quoteIdentifier, quoteLiteral } from './identifier.js'
import { ImportRows } from './import-rows.js'
import type { SqlServerTable } from './plan.js'
import { Session } from './session.js'
import { Tables } from './tables.js'
import { forgetTombstones } from './tombstones.js'

/** Rows that a merge applies at a time. */
const mergeRows = 5_000
/** How long it may take to remove what an import that failed has left. */
const cleanUpMs = 10_000

/** Loads whole tables, each over a connection of its own, so that several may be loaded at once. */
export class BulkLoader implements BulkImporter {
  readonly #config: SqlServerConfig

  constructor(config: SqlServerConfig) {
    // One statement loads a whole table: how long that takes says nothing about the server.
    this.#config = { ...config, requestTimeoutMs: 0 }
  }

  async load({ schema, rows, mode }: BulkLoadRequest, signal: AbortSignal): Promise<BulkLoadResult> {
    const chunks = readable(rows)
    return {
      rows: mode === 'merge' ? await this.#merge(schema, chunks, signal) : await this.#replace(schema, chunks, signal),
    }
  }

  async #merge(schema: TableSchema, chunks: Chunks, signal: AbortSignal): Promise<number> {
    return this.#within(signal, async (session) => {
      const tables = new Tables(() => session, this.#config.guard)
      await tables.prepare([schema], signal)
      return mergeAll(session, tables.plans, chunks, signal)
    })
  }

  /** A new table in place of the old one, which is there until the new one is complete. */
  async #replace(schema: TableSchema, chunks: Chunks, signal: AbortSignal): Promise<number> {
    const name = `eds_import_${randomUUID().replaceAll('-', '')}`
    try {
      return await this.#within(signal, async (session) => {
        const plan = await makeTable(session, { ...schema, table: name }, this.#config.guard, signal)
        const count = this.#config.guard
          ? await mergeAll(session, new Map([[schema.table, plan]]), chunks, signal)
          : await loadAll(session, plan, schema, chunks, signal)
        await swap(session, { from: name, to: schema.table }, this.#config.guard, signal)
        return count
      })
    } catch (error) {
      await this.#dropLeftOver(name)
      throw renamed(toSqlServerError(error), name, schema.table)
    }
  }

  async #within<T>(signal: AbortSignal, task: (session: Session) => Promise<T>): Promise<T> {
    const session = await Session.open(this.#config, signal)
    try {
      return await task(session)
    } catch (error) {
      await session.rollBack()
      throw toSqlServerError(error)
    } finally {
      await session.close()
    }
  }

  /** Over a connection of its own: that of the load may be broken. What cannot be removed is named by the error already thrown. */
  async #dropLeftOver(name: string): Promise<void> {
    const signal = AbortSignal.timeout(cleanUpMs)
    await this.#within(signal, async (session) => {
      const dialect = new SqlServerDialect(session.server.schemaName)
      await session.query(`DROP TABLE IF EXISTS ${dialect.qualified(name)}`, signal)
    }).catch(() => {})
  }
}

type Chunks = AsyncGenerator<readonly ChangeEvent[]>

/** Errors of whoever gives the rows are not SQL Server's. */
async function* readable(rows: BulkLoadRequest['rows']): Chunks {
  try {
    for await (const chunk of rows) if (chunk.length > 0) yield chunk
  } catch (error) {
    throw toEdsError(error)
  }
}

async function makeTable(
  session: Session,
  schema: TableSchema,
  guard: boolean,
  signal: AbortSignal,
): Promise<SqlServerTable> {
  const tables = new Tables(() => session, guard)
  await tables.prepare([schema], signal)
  const plan = tables.plans.get(schema.table)
  if (plan === undefined) throw new TypeError('a table that was prepared has a plan')
  return plan
}

/** Straight into the table. */
async function loadAll(
  session: Session,
  plan: SqlServerTable,
  schema: TableSchema,
  chunks: Chunks,
  signal: AbortSignal,
): Promise<number> {
  const rows = new ImportRows(plan, schema.modelVersion)
  // tedious sends a bulk load without rows in a form that the server does not take.
  const first = await chunks.next()
  if (first.done) return 0
  const { columns } = rows
  const hostile = plan.columns.flatMap(({ name }, index) =>
    columns[index]?.name === name ? [] : [{ name, loading: columns[index]?.name ?? '' }],
  )
  const rename = (from: string, to: string) =>
    session.query(
      `EXEC sp_rename ${quoteLiteral(`${plan.target}.${quoteIdentifier(from)}`)}, ${quoteLiteral(to)}, N'COLUMN'`,
      signal,
    )
  for (const { name, loading } of hostile) await rename(name, loading)
  try {
    await session.bulkLoad(
      { table: plan.target, columns, timeoutMs: 0 },
      rows.of(startingWith(first.value, chunks)),
      signal,
    )
  } catch (error) {
    throw toSqlServerError(rows.fault ?? error, { table: schema.table })
  }
  for (const { name, loading } of hostile) await rename(loading, name)
  return rows.count
}

async function* startingWith(first: readonly ChangeEvent[], rest: Chunks): Chunks {
  yield first
  yield* rest
}

/** Rows by primary key into what is there, all or none. */
async function mergeAll(
  session: Session,
  plans: ReadonlyMap<string, SqlServerTable>,
  chunks: Chunks,
  signal: AbortSignal,
): Promise<number> {
  await session.query('BEGIN TRANSACTION', signal)
  let count = 0
  for await (const chunk of chunks) {
    for (let from = 0; from < chunk.length; from += mergeRows) {
      const events = chunk.slice(from, from + mergeRows)
      await mergeSome(session, plans, events, count, signal)
      count += events.length
    }
  }
  await session.query('COMMIT TRANSACTION', signal)
  return count
}

async function mergeSome(
  session: Session,
  plans: ReadonlyMap<string, SqlServerTable>,
  events: readonly ChangeEvent[],
  before: number,
  signal: AbortSignal,
): Promise<void> {
  try {
    const { work, failures, chains } = encodeBatch(events, plans)
    const missing = work === undefined ? [] : await session.apply(work, 'within', signal)
    const [failure] = [...failures, ...missingRows(events, chains, missing)]
    if (failure !== undefined)
      throw new EdsError('record', failure.error.message, { ...factsOf(failure.error), index: failure.index })
  } catch (error) {
    if (!isEdsError(error) || error.index === undefined) throw error
    throw new EdsError(error.code, error.message, { ...factsOf(error), index: before + error.index, cause: error })
  }
}

/** The table has a name of its own while it is loaded, which means nothing to the reader. */
function renamed(error: EdsError, from: string, to: string): EdsError {
  const { code, message, table, fix, index } = error
  const facts = { ...factsOf({ table: table === from ? to : table, fix }), ...(index === undefined ? {} : { index }) }
  return new EdsError(code, message.replaceAll(from, to), { ...facts, cause: error.cause })
}

function factsOf({ table, fix }: Pick<EdsError, 'table' | 'fix'>): { table?: string; fix?: string } {
  return { ...(table === undefined ? {} : { table }), ...(fix === undefined ? {} : { fix }) }
}

/** In one transaction, so that nobody sees the destination without the table. */
async function swap(
  session: Session,
  { from, to }: { readonly from: string; readonly to: string },
  guard: boolean,
  signal: AbortSignal,
): Promise<void> {
  const dialect = new SqlServerDialect(session.server.schemaName)
  try {
    await session.query('BEGIN TRANSACTION', signal)
    await session.query(`DROP TABLE IF EXISTS ${dialect.qualified(to)}`, signal)
    await session.query(`EXEC sp_rename ${quoteLiteral(dialect.qualified(from))}, ${quoteLiteral(to)}`, signal)
    if (guard) await forgetTombstones(session, to, signal)
    await session.query('COMMIT TRANSACTION', signal)
  } catch (error) {
    throw toMigrationError(error)
  }
}
