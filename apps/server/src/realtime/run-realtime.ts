import { systemClock } from '@eds/core'
import { answerNotFound, type HttpSource, httpSource, publishRoutes } from '@eds/source-http'
import type { FastifyInstance } from 'fastify'
import type { CommandCall } from '../command.js'
import type { ExitCode } from '../exit-codes.js'
import { makeDataDirectory } from '../host/data-directory.js'
import { type DatabaseSource, databaseSource } from '../host/database-source.js'
import { type DeliveryParts, deliver } from '../host/deliver.js'
import { installedDrivers } from '../host/drivers.js'
import { isLive } from '../host/live-sinks.js'
import { planSinks } from '../host/sinks.js'
import { createLogger, type ProgramLogger } from '../logging/create-logger.js'
import { type RealtimeSettings, readRealtimeSettings } from '../settings/realtime.js'
import { validationStages } from '../validation/validation-stage.js'
import { capturedTables } from './captured-tables.js'
import { hideColumns } from './hide-columns.js'
import { mergeSources } from './merged-source.js'
import { Preparation } from './preparation.js'
import { withPublished } from './publish-registry.js'
import { planSockets } from './socket-sink.js'
import { startSummary } from './summary.js'

/** Sends the changes of a database, and what is published over HTTP, to sockets and to whatever else is asked for, until stopped. */
export async function runRealtime(call: CommandCall): Promise<ExitCode> {
  const { io, redactor } = call
  const settings = await readRealtimeSettings(call)
  const { planned, sockets } = planSockets(settings.sockets, redactor)
  const drivers = await installedDrivers(io.workingDirectory, settings.server.drivers)
  const others = await planSinks(settings.server.urls, drivers, redactor)
  const sinks = [planned, ...others.map((other) => hideColumns(other, settings.sockets.filters))]
  const directory = await makeDataDirectory(settings.server.dataDirectory)
  const logger = createLogger(settings.server.log, io.stderr, redactor)
  try {
    for (const remark of settings.server.remarks) logger.warn({}, remark)
    for (const line of startSummary(settings)) logger.info({}, line)
    const preparation = new Preparation(settings, logger)
    await preparation.attempt()
    const database = await captureOf(settings, logger)
    const isDurable = sinks.some(({ sink }) => !isLive(sink))
    let published: HttpSource | undefined
    return await deliver({
      settings: settings.server,
      sinks,
      directory,
      logger,
      redactor,
      stages: await validationStages(settings.server.validatorDirectory, logger),
      signal: io.signal,
      rotateLog: () => logger.rotateFile(),
      source: async (state) => {
        published = httpSource(isDurable ? { journal: state.namespace('published') } : {})
        const merged = mergeSources(preparation.guard(database.source), published)
        // Nobody may publish without a token; what was published before is delivered all the same.
        return settings.securityToken === undefined ? { ...merged, description: database.source.description } : merged
      },
      registry: async () => withPublished(database.registry),
      routes: async (app) => {
        if (published) await addRoutes(app, published, settings, sockets, logger)
      },
    } satisfies DeliveryParts)
  } finally {
    logger.close()
  }
}

function captureOf(settings: RealtimeSettings, logger: ProgramLogger): Promise<DatabaseSource> {
  const { database, mode, outboxTable } = settings
  const tables = capturedTables(settings)
  return databaseSource(database.url, {
    logger,
    outboxTable,
    ...(tables && { tables }),
    ...(mode !== undefined && { mode }),
  })
}

async function addRoutes(
  app: FastifyInstance,
  source: HttpSource,
  { securityToken, defaultSource }: RealtimeSettings,
  sockets: ReturnType<typeof planSockets>['sockets'],
  logger: ProgramLogger,
): Promise<void> {
  await app.register(publishRoutes, {
    source,
    defaultSource,
    ...(securityToken !== undefined && { securityToken }),
    receivers: ({ userId }) => sockets.receivers(userId),
    onError: (error) => logger.error({ error }, 'an event could not be published'),
    clock: systemClock,
  })
  app.setNotFoundHandler(answerNotFound)
}
