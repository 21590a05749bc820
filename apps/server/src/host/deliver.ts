import { createPipeline, isEdsError, type Source } from '@eds/core'
import { openLmdbState } from '@eds/state-lmdb'
import { CommandFailure, type ExitCode, exitCodes } from '../exit-codes.js'
import { withFix } from '../failure.js'
import type { HttpOptions } from '../http/http-server.js'
import { whileServing } from '../http/while-serving.js'
import { createMetrics, type ServerMetrics } from '../metrics/metrics.js'
import { combineMetrics } from '../telemetry/combine-metrics.js'
import { openTelemetry } from '../telemetry/telemetry.js'
import { version } from '../version.js'
import { type PipelineParts, pipelineOptions } from './pipeline-options.js'
import { RunningServer, type RunningServerOptions } from './running-server.js'

export interface DeliveryParts
  extends PipelineParts,
    Pick<RunningServerOptions, 'rotateLog'>,
    Pick<HttpOptions, 'routes'> {
  /** Ends the delivery when it aborts. */
  readonly signal: AbortSignal
  /** What `/control` asks for; default: a new one. */
  readonly token?: string
  /** Nothing is delivered before someone says so. */
  readonly isPaused?: boolean
  /** Looks at what the source does. */
  readonly watch?: (source: Source) => Source
  /** HTTP answers and the pipeline is about to run. */
  readonly onStart?: (running: { server: RunningServer; metrics: ServerMetrics; port: number }) => void
}

/** Delivers until the signal aborts or someone asks to stop. Resolves to the exit code, rejects when a sink stopped for good. */
export async function deliver(parts: DeliveryParts): Promise<ExitCode> {
  const { settings, sinks, directory, logger, redactor, signal, rotateLog, routes, onStart } = parts
  const { isPaused = false, watch = (source: Source) => source } = parts
  const destinations = new Map(sinks.map(({ sink, destination }) => [sink.name, destination]))
  const server = new RunningServer({ destinations, rotateLog, isPaused, now: Date.now })
  const statuses = () => server.lanes.map((lane) => lane.status())
  const metrics = createMetrics(statuses, Date.now)
  const state = await openLmdbState({ directory: directory.state })
  // The exporters read the environment of the process themselves; no other would do.
  const telemetryOptions = { environment: process.env, version: version(), statuses, now: Date.now, logger }
  const telemetry = await openTelemetry(telemetryOptions)
  try {
    const options = await pipelineOptions(parts, state)
    const { control } = server
    const access = parts.token === undefined ? {} : { token: parts.token }
    const http = { ...settings.http, ...access, metrics, report: () => server.report(), control, redactor, routes }
    return await whileServing(directory.controlFile, http, async ({ port, server: httpServer }) => {
      logger.info({}, `delivering from ${options.source.description}, HTTP on ${settings.http.host} port ${port}`)
      const source = watch(options.source)
      const told = combineMetrics(metrics.pipeline, telemetry?.pipeline)
      const pipeline = createPipeline({ ...options, source, metrics: told, httpServer })
      onStart?.({ server, metrics, port })
      return server.run(pipeline, signal).catch((error: unknown) => Promise.reject(ended(error)))
    })
  } finally {
    await telemetry?.close()
    await state.close()
    logger.info({}, 'stopped')
  }
}

/** A sink that stopped for good is no wrong command line, whatever the reason: a supervisor may try again. */
function ended(error: unknown): unknown {
  return isEdsError(error) ? new CommandFailure(exitCodes.error, withFix(error), error) : error
}
