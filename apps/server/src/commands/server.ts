import type { Command } from '../command.js'
import { makeDataDirectory } from '../host/data-directory.js'
import { deliver } from '../host/deliver.js'
import { installedDrivers } from '../host/drivers.js'
import { planSinks } from '../host/sinks.js'
import { createLogger } from '../logging/create-logger.js'
import { readServerSettings } from '../settings/server.js'
import { validationStages } from '../validation/validation-stage.js'

/** `eds server`: delivers changes until it is stopped. */
export const command: Command = async (call) => {
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
