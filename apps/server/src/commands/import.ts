import { openLmdbState } from '@eds/state-lmdb'
import type { Command } from '../command.js'
import { type ExitCode, exitCodes } from '../exit-codes.js'
import { makeDataDirectory } from '../host/data-directory.js'
import { installedDrivers } from '../host/drivers.js'
import { rememberSinks } from '../host/known-sinks.js'
import { planSinks } from '../host/sinks.js'
import { openHq, tablesOfHq } from '../import/hq/open-hq.js'
import type { ImportContext } from '../import/import-context.js'
import { dryRun, loadRows, makeTables } from '../import/import-steps.js'
import { openDirectory } from '../import/open-directory.js'
import { testDestination } from '../import/test-destination.js'
import { createLogger } from '../logging/create-logger.js'
import { readImportSettings } from '../settings/import.js'
import { validationStages } from '../validation/validation-stage.js'

/** `eds import`: loads exported rows into a destination. */
export const command: Command = async (call) => {
  const settings = await readImportSettings(call)
  const drivers = await installedDrivers(call.io.workingDirectory, settings.drivers)
  const [target] = await planSinks(settings.urls, drivers, call.redactor)
  const logger = createLogger(settings.log, call.io.stderr, call.redactor)
  try {
    if (!target) return exitCodes.usage
    const stages = await validationStages(settings.validatorDirectory, logger)
    return await importInto({ call, settings, target, stages, logger })
  } finally {
    logger.close()
  }
}

async function importInto(surroundings: Omit<ImportContext, 'state'>): Promise<ExitCode> {
  const { call, settings, target, logger } = surroundings
  const { summary, warnings } = await testDestination({ sink: target.sink, logger }, call.io.signal)
  logger.info({}, `destination: ${summary}`)
  for (const warning of warnings) logger.warn({}, warning)
  if (settings.scope === 'validate-only') call.io.stdout.write(`${target.destination} can be used\n`)
  else if (settings.scope === 'dry-run') await perform({ ...surroundings, state: undefined })
  else await withState(settings.dataDirectory, (state) => perform({ ...surroundings, state }))
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
  const { origin, scope } = settings
  const { name, definition } = target.sink
  if (state) await rememberSinks(state, [{ name, driver: definition.name, destination: target.destination }])
  if (origin.kind === 'none') return
  if (scope === 'schema-only' && origin.kind === 'hq') return makeTables(context, await tablesOfHq(context))
  if (origin.kind === 'hq') {
    const opened = await openHq(origin, context)
    return scope === 'dry-run' ? dryRun(context, opened) : loadRows(context, opened)
  }
  const opened = await openDirectory(origin.path, context)
  if (scope === 'schema-only') return makeTables(context, opened.schemas)
  return scope === 'dry-run' ? dryRun(context, opened) : loadRows(context, opened)
}
