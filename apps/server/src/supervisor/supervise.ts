import { join } from 'node:path'
import type { CommandCall } from '../command.js'
import type { ExitCode } from '../exit-codes.js'
import { makeDataDirectory } from '../host/data-directory.js'
import { installedDrivers } from '../host/drivers.js'
import { planSinks } from '../host/sinks.js'
import { createLogger } from '../logging/create-logger.js'
import { readHqSettings } from '../settings/hq.js'
import { readServerSettings, type ServerSettings } from '../settings/server.js'
import { npmUpgrader, upgradedVersion } from '../upgrade/npm-upgrader.js'
import { version } from '../version.js'
import { Supervision, type SupervisionParts } from './supervision.js'

/** Runs this server as HQ wants it, until it is told to end or has to. */
export async function supervise(call: CommandCall): Promise<ExitCode> {
  const { io, redactor } = call
  const hq = await readHqSettings(call)
  const settings = withLogFile(await readServerSettings(call, { isOptional: true }))
  const drivers = await installedDrivers(io.workingDirectory, settings.drivers)
  await planSinks(settings.urls, drivers, redactor)
  const directory = await makeDataDirectory(settings.dataDirectory)
  const upgrading = { dataDirectory: directory.path, io, words: process.argv.slice(2) }
  const upgraded = await upgradedVersion(upgrading)
  const exitCode = await upgraded?.run(io.signal)
  if (exitCode !== undefined) return exitCode
  const logger = createLogger(settings.log, io.stderr, redactor)
  try {
    for (const remark of settings.remarks) logger.warn({}, remark)
    return await runVersions({ call, settings, hq, drivers, directory, logger, upgrader: npmUpgrader(upgrading) })
  } finally {
    logger.close()
  }
}

/** Runs this version, and those that HQ upgrades to; when one fails to start, this one goes on. */
async function runVersions(parts: SupervisionParts): Promise<ExitCode> {
  const { call, logger } = parts
  const { signal } = call.io
  const { supervisor } = new Supervision(parts)
  for (;;) {
    const { exitCode, next } = await supervisor.run(signal)
    logger.info({}, next === undefined ? 'stopped' : `stopped, for version ${next.version} to start`)
    if (next === undefined) return exitCode
    const successor = await next.run(signal)
    if (successor !== undefined) return successor
    logger.error({}, `version ${next.version} failed to start: going on with ${version()}`)
  }
}

/** HQ gets the log, so there is one, even of a server that shows nothing. */
function withLogFile(settings: ServerSettings): ServerSettings {
  const { log, dataDirectory } = settings
  const fileLevel = log.level === 'debug' ? 'debug' : 'info'
  return { ...settings, log: { ...log, fileLevel, file: log.file ?? join(dataDirectory, 'logs', 'eds.log') } }
}
