import { isEdsError, type TableSchema, toEdsError } from '@eds/core'
import { confirm } from '../confirm.js'
import { CommandFailure, exitCodes } from '../exit-codes.js'
import { withFix } from '../failure.js'
import { writeImportTime, writeImportTimes } from '../host/import-times.js'
import { rewindBefore } from '../host/rewind.js'
import { Turns } from '../supervisor/turns.js'
import { type ImportContext, type OpenImport, readingOf } from './import-context.js'
import type { ImportFile, TableImport } from './import-plan.js'
import { showProgress } from './progress.js'
import { namePositions } from './row-event.js'
import { createDriver, type FeedJob, loadTables } from './run-import.js'
import type { TableFailure } from './table-feed.js'
import { tableRows } from './table-rows.js'

/** Reads every row and writes none. */
export async function dryRun(context: ImportContext, opened: OpenImport): Promise<void> {
  const { call, target } = context
  const progress = showProgress(call.io.stderr)
  opened.start()
  try {
    for await (const table of opened.feed.ready) {
      progress.begin(table.table, bytesOf(table))
      let rows = 0
      const schema = opened.schemaOf(table.table)
      const chunks = schema && tableRows(table, schema, readingOf(context, progress.bytes))
      for await (const chunk of chunks ?? []) rows += chunk.length
      progress.table(table.table, rows)
    }
  } finally {
    progress.stop()
    opened.stop()
  }
  demandNoFailures(context, opened, opened.feed.failures, [], 'dry run: nothing was written')
  await opened.finish()
  call.io.stdout.write(`dry run: nothing was written to ${target.destination}\n`)
}

/**
 * Makes the tables, where the destination has such. From now on the stream brings the rows: the time is recorded as if an import had
 * been made now.
 */
export async function makeTables(context: ImportContext, schemas: ReadonlyMap<string, TableSchema>): Promise<void> {
  const { call, target, logger, state } = context
  const driver = createDriver({ sink: target.sink, logger })
  const now = Date.now()
  try {
    await driver.connect(call.io.signal)
    await driver.schema?.prepare([...schemas.values()], call.io.signal)
  } finally {
    await driver.close()
  }
  const times = new Map([...schemas.keys()].map((table) => [table, now]))
  if (state) await writeImportTimes(state, target.sink.name, times)
  call.io.stdout.write(`${schemas.size} tables are ready in ${target.destination}\n`)
}

/**
 * Loads the rows, after asking where that removes something.
 *
 * @throws CommandFailure when the user did not agree, and when a table could not be loaded.
 */
export async function loadRows(context: ImportContext, opened: OpenImport): Promise<void> {
  const { call, settings, target, logger } = context
  const replaces = settings.replace && createDriver({ sink: target.sink, logger }).importer !== undefined
  if (replaces && settings.confirm && !(await agreed(context, opened.feed.tables))) {
    throw new CommandFailure(exitCodes.error, 'nothing was imported')
  }
  const { failures, files, tables, rows } = await load(context, opened, replaces ? 'replace' : 'merge')
  const summary = `${rows.toLocaleString('en')} rows of ${tables} tables imported into ${target.destination}`
  if (call.io.signal.aborted) {
    if (opened.resume) logger.info({}, opened.resume)
    throw new CommandFailure(exitCodes.error, `stopped: ${summary}; run it again for the rest`)
  }
  demandNoFailures(context, opened, failures, files, summary)
  await opened.finish()
  call.io.stdout.write(`${summary}\n`)
}

interface Loaded {
  readonly failures: readonly TableFailure[]
  /** All that were begun with. */
  readonly files: readonly ImportFile[]
  readonly tables: number
  readonly rows: number
}

async function load(context: ImportContext, opened: OpenImport, mode: FeedJob['mode']): Promise<Loaded> {
  const { call, settings, target, logger, state } = context
  const { feed, schemaOf } = opened
  const progress = showProgress(call.io.stderr, feed.totalBytes)
  const turns = new Turns()
  const files: ImportFile[] = []
  let rows = 0
  let tables = 0
  opened.start()
  try {
    const failed = await loadTables({
      ready: feed.ready,
      schemaOf,
      sink: target.sink,
      mode,
      parallel: settings.parallel,
      single: settings.single,
      reading: readingOf(context, progress.bytes),
      logger,
      onRows: progress.rows,
      onBegin: async (table) => {
        files.push(...table.files)
        const { exportedAt } = table
        if (state && exportedAt !== undefined) {
          await turns.take(() => rewindBefore(state, target.sink.name, exportedAt))
        }
        progress.begin(table.table, bytesOf(table))
      },
      onTable: async ({ table, exportedAt }, count) => {
        if (state && exportedAt !== undefined) await writeImportTime(state, target.sink.name, table, exportedAt)
        progress.table(table, count)
        tables++
        rows += count
      },
    })
    return { failures: [...feed.failures, ...failed], files, tables, rows }
  } catch (error) {
    if (!call.io.signal.aborted) throw withResume(error, opened)
    return { failures: [], files, tables, rows }
  } finally {
    progress.stop()
    opened.stop()
  }
}

/** @throws CommandFailure when there are some; each is logged. */
function demandNoFailures(
  { call, logger }: ImportContext,
  { resume }: OpenImport,
  failures: readonly TableFailure[],
  files: readonly ImportFile[],
  summary: string,
): void {
  if (failures.length === 0 || call.io.signal.aborted) return
  for (const { table, error } of failures) {
    logger.error({ table }, `${table}: ${namePositions(withFix(error), files)}`)
  }
  const names = failures.map(({ table }) => table).join(', ')
  throw new CommandFailure(exitCodes.error, `not imported: ${names}; ${summary}${resume ? `; ${resume}` : ''}`)
}

function withResume(error: unknown, { resume }: OpenImport): unknown {
  if (!isEdsError(error) || resume === undefined) return error
  return new CommandFailure(exitCodes.error, `${withFix(toEdsError(error))}; ${resume}`, error)
}

async function agreed({ call, target }: ImportContext, tables: readonly string[]): Promise<boolean> {
  const question = `This replaces what ${target.destination} holds in ${tables.length} tables: ${tables.join(', ')}`
  return confirm(call.io, question, 'import', '--no-confirm, or --no-delete to keep what is there')
}

function bytesOf({ files }: TableImport): number {
  return files.reduce((sum, { bytes }) => sum + bytes, 0)
}
