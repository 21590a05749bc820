import { type Driver, EdsError, memoryState, type StateStore, type TableSchema } from '@eds/core'
import type { CommandCall } from '../command.js'
import { confirm } from '../confirm.js'
import { CommandFailure, exitCodes } from '../exit-codes.js'
import { writeImportTime } from '../host/import-times.js'
import { schemaRegistry } from '../host/schema-registry.js'
import type { PlannedSink } from '../host/sinks.js'
import type { ProgramLogger } from '../logging/create-logger.js'
import type { ImportSettings } from '../settings/import.js'
import type { ImportPlan } from './import-plan.js'
import { declaredSchemas, inferSchema } from './import-schemas.js'
import { showProgress } from './progress.js'
import { namePositions } from './row-event.js'
import { createDriver, runImport } from './run-import.js'
import { type RowReading, tableRows } from './table-rows.js'

/** What the steps of one import share. */
export interface ImportContext {
  readonly call: CommandCall
  readonly settings: ImportSettings
  readonly target: PlannedSink
  readonly plan: ImportPlan
  readonly logger: ProgramLogger
  /** Absent where nothing is to be remembered. */
  readonly state: StateStore | undefined
}

/** The schema of every table: declared, or found by reading all rows once. Tables without rows have none then. */
export async function importSchemas(context: ImportContext): Promise<Map<string, TableSchema>> {
  const { call, settings, plan, logger, state } = context
  if (settings.schema.kind !== 'inferred') {
    return declaredSchemas(await schemaRegistry(settings.schema, state ?? memoryState()), plan, call.io.signal)
  }
  logger.warn({}, 'no --schema: column types are inferred, which takes reading all rows once more')
  const schemas = new Map<string, TableSchema>()
  for (const table of plan.tables) {
    const schema = await inferSchema(
      table,
      readingOf(context, () => {}),
    )
    if (schema) schemas.set(table.table, schema)
  }
  return schemas
}

/** Reads every row and writes none. */
export async function dryRun(context: ImportContext, schemas: ReadonlyMap<string, TableSchema>): Promise<void> {
  const { call, plan, target } = context
  const progress = showProgress(call.io.stderr, totalBytes(plan))
  for (const table of plan.tables) {
    let rows = 0
    const schema = schemas.get(table.table)
    const chunks = schema && tableRows(table, schema, readingOf(context, progress.bytes))
    for await (const chunk of chunks ?? []) rows += chunk.length
    progress.table(table.table, rows)
  }
  progress.stop()
  call.io.stdout.write(`dry run: nothing was written to ${target.destination}\n`)
}

/** Makes the tables. From now on the stream brings the rows: the time is recorded as if an import had been made now. */
export async function makeTables(context: ImportContext, schemas: ReadonlyMap<string, TableSchema>): Promise<void> {
  const { call, target, logger, state } = context
  const driver = createDriver({ sink: target.sink, logger })
  const now = Date.now()
  try {
    await driver.connect(call.io.signal)
    await prepare(driver, [...schemas.values()], call.io.signal)
  } finally {
    await driver.close()
  }
  for (const table of schemas.keys()) if (state) await writeImportTime(state, target.sink.name, table, now)
  call.io.stdout.write(`${schemas.size} tables are ready in ${target.destination}\n`)
}

async function prepare(driver: Driver, schemas: readonly TableSchema[], signal: AbortSignal): Promise<void> {
  if (!driver.schema) throw new EdsError('unsupported', 'this destination has no tables to make')
  await driver.schema.prepare(schemas, signal)
}

/**
 * Loads the rows, after asking where that removes something.
 *
 * @throws CommandFailure when the user did not agree, and when a table could not be loaded.
 */
export async function loadRows(context: ImportContext, schemas: ReadonlyMap<string, TableSchema>): Promise<void> {
  const { call, settings, plan, target, logger, state } = context
  const replaces = settings.replace && createDriver({ sink: target.sink, logger }).importer !== undefined
  if (replaces && settings.confirm && !(await agreed(context))) {
    throw new CommandFailure(exitCodes.error, 'nothing was imported')
  }
  const progress = showProgress(call.io.stderr, totalBytes(plan))
  let total = 0
  const failures = await runImport({
    plan,
    schemas,
    sink: target.sink,
    mode: replaces ? 'replace' : 'merge',
    parallel: settings.parallel,
    single: settings.single,
    reading: readingOf(context, progress.bytes),
    logger,
    onRows: progress.rows,
    onTable: async ({ table, exportedAt }, rows) => {
      if (state) await writeImportTime(state, target.sink.name, table, exportedAt)
      progress.table(table, rows)
      total += rows
    },
  })
  progress.stop()
  const done = plan.tables.length - failures.length
  const summary = `${total.toLocaleString('en')} rows of ${done} tables imported into ${target.destination}`
  if (call.io.signal.aborted)
    throw new CommandFailure(exitCodes.error, `stopped: ${summary}; run it again for the rest`)
  for (const { table, error } of failures)
    logger.error({ table }, `${table}: ${namePositions(error.message, plan.files)}`)
  if (failures.length > 0) {
    const names = failures.map(({ table }) => table).join(', ')
    throw new CommandFailure(exitCodes.error, `not imported: ${names}; ${summary}`)
  }
  call.io.stdout.write(`${summary}\n`)
}

async function agreed({ call, plan, target }: ImportContext): Promise<boolean> {
  const tables = plan.tables.map(({ table }) => table)
  const question = `This replaces what ${target.destination} holds in ${tables.length} tables: ${tables.join(', ')}`
  return confirm(call.io, question, 'import', '--no-confirm, or --no-delete to keep what is there')
}

function readingOf({ call, settings }: ImportContext, onBytes: (bytes: number) => void): RowReading {
  const { companyIds, locationIds } = settings
  return { filter: { companyIds, locationIds }, signal: call.io.signal, onBytes }
}

function totalBytes({ files }: ImportPlan): number {
  return files.reduce((sum, { bytes }) => sum + bytes, 0)
}
