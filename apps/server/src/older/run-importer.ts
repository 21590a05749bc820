import type { SchemaRegistry } from '@eds/core'
import type { CommandCall } from '../command.js'
import { CommandFailure, type ExitCode, exitCodes } from '../exit-codes.js'
import type { PlannedSink } from '../host/sinks.js'
import type { ImportPlan } from '../import/import-plan.js'
import { declaredSchemas, inferSchemas } from '../import/import-schemas.js'
import { showProgress } from '../import/progress.js'
import { namePositions } from '../import/row-event.js'
import { runImport } from '../import/run-import.js'
import type { ProgramLogger } from '../logging/create-logger.js'

export interface Importing {
  readonly call: CommandCall
  readonly plan: ImportPlan
  readonly sinks: readonly PlannedSink[]
  /** `undefined`: columns are inferred from the rows. */
  readonly registry: SchemaRegistry | undefined
  readonly logger: ProgramLogger
  readonly dryRun: boolean
}

/**
 * Loads the files of a folder into every destination, one after the other. Rows that are there already are replaced, others stay. No
 * time of export is recorded, as nobody knows it: changes that the stream brings again end in the same rows.
 *
 * @throws CommandFailure naming the tables, with file and line, that could not be loaded.
 */
export async function runImporter(importing: Importing): Promise<ExitCode> {
  const { call, plan, sinks, registry, logger, dryRun } = importing
  const { signal } = call.io
  const reading = { filter: { companyIds: [], locationIds: [] }, signal, onBytes: () => {} }
  const schemas = registry ? await declaredSchemas(registry, plan, signal) : await inferSchemas(plan, reading)
  for (const { sink, destination } of sinks) {
    const progress = showProgress(
      call.io.stderr,
      plan.files.reduce((sum, { bytes }) => sum + bytes, 0),
    )
    const failures = await runImport({
      plan,
      schemas,
      sink,
      mode: 'merge',
      parallel: 4,
      single: dryRun,
      reading: { ...reading, onBytes: progress.bytes },
      logger,
      onRows: progress.rows,
      onTable: async ({ table }, rows) => progress.table(table, rows),
    })
    progress.stop()
    for (const { table, error } of failures)
      logger.error({ table }, `${table}: ${namePositions(error.message, plan.files)}`)
    if (failures.length > 0) {
      const names = failures.map(({ table }) => table).join(', ')
      throw new CommandFailure(exitCodes.error, `not imported into ${destination}: ${names}`)
    }
    call.io.stdout.write(`${plan.tables.length} tables imported into ${destination}\n`)
  }
  return exitCodes.done
}
