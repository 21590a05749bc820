import {
  createPipeline,
  type EventStage,
  fileDeadLetters,
  isEdsError,
  type PipelineOptions,
  systemClock,
} from '@eds/core'
import { openLmdbState } from '@eds/state-lmdb'
import type { Command, CommandCall } from '../command.js'
import { CommandFailure, type ExitCode, exitCodes } from '../exit-codes.js'
import { withFix } from '../failure.js'
import { Beginnings } from '../host/beginnings.js'
import { type DataDirectory, makeDataDirectory } from '../host/data-directory.js'
import { installedDrivers } from '../host/drivers.js'
import { rememberSinks } from '../host/known-sinks.js'
import { natsSource } from '../host/nats-source.js'
import { RunningServer } from '../host/running-server.js'
import { schemaRegistry } from '../host/schema-registry.js'
import { sinkStart } from '../host/sink-options.js'
import { type PlannedSink, planSinks } from '../host/sinks.js'
import { whileServing } from '../http/while-serving.js'
import { createLogger, type ProgramLogger } from '../logging/create-logger.js'
import { createMetrics } from '../metrics/metrics.js'
import { adoptOldState } from '../old-state/old-state.js'
import { readServerSettings, type ServerSettings } from '../settings/server.js'
import { validationStages } from '../validation/validation-stage.js'

/** `eds server`: delivers changes until it is stopped. */
export const command: Command = async (call) => {
  const settings = await readServerSettings(call)
  const drivers = await installedDrivers(call.io.workingDirectory, settings.drivers)
  const sinks = await planSinks(settings.urls, drivers, call.redactor)
  const directory = await makeDataDirectory(settings.dataDirectory)
  const logger = createLogger(settings.log, call.io.stderr, call.redactor)
  try {
    const stages = await validationStages(settings.validatorDirectory, logger)
    return await serve({ call, settings, sinks, directory, logger, stages })
  } finally {
    logger.close()
  }
}

interface Parts {
  readonly call: CommandCall
  readonly settings: ServerSettings
  readonly sinks: readonly PlannedSink[]
  readonly directory: DataDirectory
  readonly logger: ProgramLogger
  readonly stages: readonly EventStage[]
}

async function serve(parts: Parts): Promise<ExitCode> {
  const { call, settings, sinks, directory, logger } = parts
  for (const remark of settings.remarks) logger.warn({}, remark)
  const destinations = new Map(sinks.map(({ sink, destination }) => [sink.name, destination]))
  const server = new RunningServer({ destinations, rotateLog: () => logger.rotateFile(), now: Date.now })
  const metrics = createMetrics(() => server.lanes.map((lane) => lane.status()), Date.now)
  const state = await openLmdbState({ directory: directory.state })
  try {
    const options = await pipelineOptions(parts, state)
    const { control } = server
    const http = { ...settings.http, metrics, report: () => server.report(), control, redactor: call.redactor }
    return await whileServing(directory.controlFile, http, async ({ port, server: httpServer }) => {
      logger.info({}, `delivering from ${options.source.description}, HTTP on ${settings.http.host} port ${port}`)
      const pipeline = createPipeline({ ...options, metrics: metrics.pipeline, httpServer })
      return server.run(pipeline, call.io.signal).catch((error: unknown) => Promise.reject(ended(error)))
    })
  } finally {
    await state.close()
    logger.info({}, 'stopped')
  }
}

/** A sink that stopped for good is no wrong command line, whatever the reason: a supervisor may try again. */
function ended(error: unknown): unknown {
  return isEdsError(error) ? new CommandFailure(exitCodes.error, withFix(error), error) : error
}

/** Everything about the pipeline but its metrics. */
async function pipelineOptions(
  { call, settings, sinks, directory, logger, stages }: Parts,
  state: PipelineOptions['state'] & object,
): Promise<PipelineOptions> {
  const { redactor } = call
  const names = sinks.map(({ sink }) => sink.name)
  const beginnings = new Beginnings(state)
  if (settings.restart) for (const name of names) await beginnings.beginAt(name, { at: 'beginning' })
  const source = await natsSource(settings.source, names, { redactor, logger, state: state.namespace('nats') })
  if (names[0] !== undefined) await adoptOldState(directory.path, state, names[0], logger)
  await rememberSinks(
    state,
    sinks.map(({ sink, destination }) => ({ name: sink.name, driver: sink.definition.name, destination })),
  )
  return {
    source: beginnings.guard(source),
    sinks: await Promise.all(
      sinks.map(async ({ sink, destination }) => {
        const { options, isNew } = await sinkStart(settings, sink.name, state, beginnings)
        logger.info({}, `${sink.name}: ${sink.definition.title}, ${destination}`)
        if (isNew) logger.warn({}, newSinkWarning(sink.name))
        return { ...sink, options: { ...sink.options, ...options } }
      }),
    ),
    state,
    deadLetters: fileDeadLetters({ directory: directory.deadLetters }),
    registry: await schemaRegistry(settings.schema, state),
    stages,
    clock: systemClock,
    logger,
  }
}

function newSinkWarning(name: string): string {
  return `${name} is new here: unless NATS remembers it, it gets new events only; to begin earlier, use --start or import first`
}
