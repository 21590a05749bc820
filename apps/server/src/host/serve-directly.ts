import type { CommandCall } from '../command.js'
import type { ExitCode } from '../exit-codes.js'
import { createLogger } from '../logging/create-logger.js'
import { readOlderSettings } from '../settings/older.js'
import { readServerSettings } from '../settings/server.js'
import { validationStages } from '../validation/validation-stage.js'
import { makeDataDirectory } from './data-directory.js'
import { deliver } from './deliver.js'
import { installedDrivers } from './drivers.js'
import { planSinks } from './sinks.js'

/** Delivers from a stream to the destinations that the command line names, in this process, without HQ. */
export async function serveDirectly(call: CommandCall): Promise<ExitCode> {
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
    return await deliver({ settings, sinks, directory, logger, redactor, stages, signal: io.signal, rotateLog })
  } finally {
    logger.close()
  }
}
