import { openLmdbState } from '@eds/state-lmdb'
import type { Command, CommandCall } from '../command.js'
import { type ExitCode, exitCodes } from '../exit-codes.js'
import { makeDataDirectory } from '../host/data-directory.js'
import { installedDrivers } from '../host/drivers.js'
import { rememberSinks } from '../host/known-sinks.js'
import { type PlannedSink, planSinks } from '../host/sinks.js'
import { planImport } from '../import/import-plan.js'
import { dryRun, type ImportContext, importSchemas, loadRows, makeTables } from '../import/import-steps.js'
import { testDestination } from '../import/test-destination.js'
import { createLogger, type ProgramLogger } from '../logging/create-logger.js'
import { type ImportSettings, readImportSettings } from '../settings/import.js'

/** `eds import`: loads exported rows into a destination. */
export const command: Command = async (call) => {
  const settings = await readImportSettings(call)
  const drivers = await installedDrivers(call.io.workingDirectory, settings.drivers)
  const [target] = await planSinks(settings.urls, drivers, call.redactor)
  const logger = createLogger(settings.log, call.io.stderr, call.redactor)
  try {
    return target ? await importInto(target, { call, settings, logger }) : exitCodes.usage
  } finally {
    logger.close()
  }
}

interface Surroundings {
  readonly call: CommandCall
  readonly settings: ImportSettings
  readonly logger: ProgramLogger
}

async function importInto(target: PlannedSink, { call, settings, logger }: Surroundings): Promise<ExitCode> {
  const { summary, warnings } = await testDestination({ sink: target.sink, logger }, call.io.signal)
  logger.info({}, `destination: ${summary}`)
  for (const warning of warnings) logger.warn({}, warning)
  const { directory, scope, only } = settings
  if (scope === 'validate-only' || directory === undefined) {
    call.io.stdout.write(`${target.destination} can be used\n`)
    return exitCodes.done
  }
  const plan = await planImport(directory, only)
  logger.info({}, `${plan.files.length} files of ${plan.tables.length} tables in ${directory}`)
  if (plan.ignored.length > 0) logger.warn({}, `ignored, as they are no exported files: ${plan.ignored.join(', ')}`)
  const context = { call, settings, target, plan, logger }
  if (scope === 'dry-run') await perform({ ...context, state: undefined })
  else await withState(settings.dataDirectory, (state) => perform({ ...context, state }))
  return exitCodes.done
}

/** A server must not run on the same data directory meanwhile: the lock on the state sees to that. */
async function withState(
  dataDirectory: string,
  action: (state: NonNullable<ImportContext['state']>) => Promise<void>,
): Promise<void> {
  const { state: directory } = await makeDataDirectory(dataDirectory)
  const state = await openLmdbState({ directory })
  try {
    await action(state)
  } finally {
    await state.close()
  }
}

async function perform(context: ImportContext): Promise<void> {
  const { settings, target, state } = context
  const schemas = await importSchemas(context)
  if (settings.scope === 'dry-run') return dryRun(context, schemas)
  const { name, definition } = target.sink
  if (state) await rememberSinks(state, [{ name, driver: definition.name, destination: target.destination }])
  return settings.scope === 'schema-only' ? makeTables(context, schemas) : loadRows(context, schemas)
}
