import {
  type BulkImporter,
  type BulkLoadRequest,
  type BulkLoadResult,
  type ChangeEvent,
  EdsError,
  type TableSchema,
} from '@eds/core'
import { missingRows, type RowChunks, readableRows } from '@eds/sql'
import { applyRows, stageRows } from './apply.js'
import type { SnowflakeConfig } from './config.js'
import { encodeBatch } from './encode.js'
import { toSnowflakeError } from './errors.js'
import { replaceTable } from './replace.js'
import { Session } from './session.js'
import { Tables } from './tables.js'
import { newToken } from './token.js'

/** Rows that a merge applies at a time. */
const mergeRows = 10_000

/** Loads whole tables, each over a session of its own, so that several may be loaded at once. */
export class BulkLoader implements BulkImporter {
  readonly #config: SnowflakeConfig

  constructor(config: SnowflakeConfig) {
    this.#config = config
  }

  async load({ schema, rows, mode }: BulkLoadRequest, signal: AbortSignal): Promise<BulkLoadResult> {
    const { guard } = this.#config
    const token = newToken()
    const reopen = (until: AbortSignal) => Session.open(this.#config, token, until)
    const session = await reopen(signal)
    try {
      const chunks = readableRows(rows)
      if (mode === 'merge') return { rows: await mergeTable(session, schema, chunks, guard, signal) }
      return { rows: await replaceTable({ session, reopen, schema, chunks, guard, token, signal }) }
    } catch (error) {
      throw toSnowflakeError(error, { table: schema.table })
    } finally {
      await session.close()
    }
  }
}

/** Rows by primary key into what is there, all or none. */
async function mergeTable(
  session: Session,
  schema: TableSchema,
  chunks: RowChunks,
  guard: boolean,
  signal: AbortSignal,
): Promise<number> {
  const tables = new Tables(() => session, guard)
  await tables.prepare([schema], signal)
  const [plan] = tables.plans.values()
  // Now, since making the stage within the transaction would end it.
  if (plan !== undefined) await session.stageOf(plan, 0, undefined, signal)
  return session.transaction(undefined, signal, async () => {
    let count = 0
    for await (const chunk of chunks) {
      for (let from = 0; from < chunk.length; from += mergeRows) {
        const events = chunk.slice(from, from + mergeRows)
        await mergeSome(session, tables, events, count, signal)
        count += events.length
      }
    }
    return count
  })
}

/** `before`: rows merged already; it also tells the rows of this portion from others in the stage. */
async function mergeSome(
  session: Session,
  tables: Tables,
  events: readonly ChangeEvent[],
  before: number,
  signal: AbortSignal,
): Promise<void> {
  const encoded = encodeBatch(events, tables.plans)
  const [failure] = encoded.failures
  if (failure !== undefined) throw atRow(failure.error, before + failure.index)
  // Nothing is deleted, so that no time of deletion is needed.
  const options = { batch: before, tag: undefined, now: '' }
  const staged = await stageRows(session, encoded, options, signal)
  const [absent] = missingRows(events, encoded.chains, await applyRows(session, staged, options, signal))
  if (absent !== undefined) throw atRow(absent.error, before + absent.index)
}

function atRow(error: EdsError, index: number): EdsError {
  const { code, message, table, fix } = error
  const facts = { ...(table === undefined ? {} : { table }), ...(fix === undefined ? {} : { fix }) }
  return new EdsError(code, message, { ...facts, index, cause: error })
}
