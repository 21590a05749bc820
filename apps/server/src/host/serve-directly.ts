import type { CommandCall } from '../command.js'
import type { ExitCode } from '../exit-codes.js'
import { createLogger, type ProgramLogger } from '../logging/create-logger.js'
import { type DatabaseSettings, readDatabaseSettings } from '../settings/database.js'
import { readOlderSettings } from '../settings/older.js'
import { readServerSettings, type ServerSettings } from '../settings/server.js'
import { validationStages } from '../validation/validation-stage.js'
import { makeDataDirectory } from './data-directory.js'
import { databaseSource } from './database-source.js'
import { type DeliveryParts, deliver } from './deliver.js'
import { installedDrivers } from './drivers.js'
import { planSinks } from './sinks.js'

/** Delivers from a stream, or a database, to the destinations that the command line names, in this process, without HQ. */
export async function serveDirectly(call: CommandCall): Promise<ExitCode> {
  const database = readDatabaseSettings(call)
  const older = readOlderSettings(call)
  if (older) {
    const { serveOlder } = await import('../older/serve-older.js')
    return serveOlder(call, older)
  }
  const { io, redactor } = call
  const settings = await readServerSettings(call)
  const drivers = await installedDrivers(io.workingDirectory, settings.drivers)
  const sinks = await planSinks(settings.urls, drivers, redactor)
  const directory = await makeDataDirectory(settings.dataDirectory)
  const logger = createLogger(settings.log, io.stderr, redactor)
  try {
    for (const remark of settings.remarks) logger.warn({}, remark)
    const stages = await validationStages(settings.validatorDirectory, logger)
    const rotateLog = () => logger.rotateFile()
    const source = await captured(database, settings, logger)
    return await deliver({
      settings,
      sinks,
      directory,
      logger,
      redactor,
      stages,
      signal: io.signal,
      rotateLog,
      ...source,
    })
  } finally {
    logger.close()
  }
}

/** The database that `--source` names, and its schemas, unless others are named. */
async function captured(
  database: DatabaseSettings | undefined,
  { schema }: ServerSettings,
  logger: ProgramLogger,
): Promise<Pick<DeliveryParts, 'source' | 'registry'>> {
  if (database === undefined) return {}
  const { url, ...options } = database
  const { source, registry } = await databaseSource(url, { ...options, logger })
  return { source: async () => source, ...(schema.kind === 'inferred' && { registry: async () => registry }) }
}
