import {
  createPipeline,
  fileDeadLetters,
  type LaneStatus,
  type Sink,
  type StateStore,
  staticRegistry,
  systemClock,
} from '@eds/core'
import { generatorSource } from '@eds/source-file'
import type { Output } from '../command.js'
import type { DataDirectory } from '../host/data-directory.js'
import type { RunningServer } from '../host/running-server.js'
import type { ProgramLogger } from '../logging/create-logger.js'
import type { ServerMetrics } from '../metrics/metrics.js'
import type { DemoSettings } from '../settings/demo.js'
import { demoDisplay } from './demo-display.js'
import { Latencies } from './latencies.js'
import { ShopWorkload } from './shop-workload.js'

/** Small enough that the line on the screen moves. */
const maxBatchEvents = 1_000

export interface DemoParts {
  readonly settings: DemoSettings
  readonly sink: Sink
  readonly directory: DataDirectory
  readonly state: StateStore
  readonly logger: ProgramLogger
  readonly metrics: ServerMetrics
  readonly server: RunningServer
  readonly output: Output
  readonly signal: AbortSignal
}

export interface DemoResult {
  readonly status: LaneStatus | undefined
  readonly seconds: number
  readonly p99Ms: number
}

/** The shop's events through a real pipeline. Resolves when all are delivered, or the signal aborted. */
export async function runDemo(parts: DemoParts): Promise<DemoResult> {
  const { settings, sink, directory, state, logger, metrics, server, output, signal } = parts
  const { events, rate, seed } = settings
  const latencies = new Latencies()
  const workload = new ShopWorkload({ seed, events })
  if (rate === undefined) {
    output.write('Making up what happens in a repair shop…\n')
    workload.prepare()
  }
  const pipeline = createPipeline({
    source: generatorSource({
      description: `a repair shop, seed ${seed}`,
      open: (after) => workload.from(after),
      total: events,
      ...(rate !== undefined && { rate }),
    }),
    sinks: [{ ...sink, options: { ...sink.options, maxBatchEvents } }],
    state,
    deadLetters: fileDeadLetters({ directory: directory.deadLetters }),
    registry: staticRegistry(workload.schemas),
    clock: systemClock,
    logger,
    metrics: {
      ...metrics.pipeline,
      onBatch: (name, batch) => {
        metrics.pipeline.onBatch?.(name, batch)
        latencies.add(batch.processingMs, batch.events)
      },
    },
  })
  const startedAt = performance.now()
  const seconds = () => (performance.now() - startedAt) / 1_000
  const display = demoDisplay(output)
  const show = () => {
    const [sinkReport] = server.report().sinks
    const done = sinkReport?.totalEvents ?? 0
    const p99Ms = latencies.percentile(0.99)
    const lagEvents = sinkReport?.lagEvents ?? 0
    display.show({ events: done, total: events, eventsPerSecond: done / seconds(), lagEvents, p99Ms })
  }
  const timer = setInterval(show, display.intervalMs)
  try {
    await server.run(pipeline, signal)
  } finally {
    clearInterval(timer)
    display.end()
  }
  return { status: pipeline.lanes[0]?.status(), seconds: seconds(), p99Ms: latencies.percentile(0.99) }
}
