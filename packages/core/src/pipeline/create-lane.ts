import type { DriverTraits, SchemaChange } from '../driver.js'
import type { DriverContext } from '../runtime.js'
import { retryDefaults } from './backoff.js'
import { CarefulWriter } from './careful-writer.js'
import { DeadLetterDesk } from './dead-letter-desk.js'
import type { BatchBounds } from './dispatcher.js'
import { Lane } from './lane.js'
import { LaneMonitor } from './lane-monitor.js'
import { LaneProgress, type Persist } from './lane-progress.js'
import { laneState } from './lane-state.js'
import { Retrier } from './retrier.js'
import { SchemaDesk } from './schema-desk.js'
import type { PipelineOptions, Sink, SinkOptions } from './types.js'

/** A pipeline's options with every default filled in. */
export type Wiring = PipelineOptions &
  Required<Pick<PipelineOptions, 'state' | 'clock' | 'random' | 'logger' | 'metrics' | 'session' | 'registry'>>

const defaultDrainMs = 30_000

/** Puts one sink's parts together. No I/O. */
export function createLane({ name, definition, config, options }: Sink, wiring: Wiring): Lane {
  const { clock, random, logger, metrics } = wiring
  const traits = definition.traits(config)
  const driver = definition.create(config, driverContext(name, wiring))
  const monitor = new LaneMonitor(name, () => clock.now(), logger, metrics)
  const stop = new AbortController()
  const hardStop = new AbortController()
  const retry = { ...retryDefaults, ...wiring.retry }
  const connect = () => driver.connect(hardStop.signal)
  const retrier = new Retrier({ clock, random, retry, monitor, connect, stop: stop.signal })
  const persist: Persist = (action) => retrier.untilDone(action, { everything: true })
  const desk = wiring.deadLetters && new DeadLetterDesk(wiring.deadLetters, name, () => clock.now(), persist)
  const onChange = (change: SchemaChange) => logger.info({ sink: name, ...change }, `${name}: ${describe(change)}`)
  const schemas = driver.schema && new SchemaDesk(driver.schema, options.registry ?? wiring.registry, onChange)
  const writer = new CarefulWriter({
    driver,
    retrier,
    desk,
    schemas,
    onError: options.onError ?? wiring.onError ?? 'dead-letter',
    unknownAttempts: retry.unknownAttempts,
    signal: hardStop.signal,
    onDeadLetter: (error, position) => monitor.deadLetter(error.message, position),
  })
  return new Lane({
    name,
    driverName: definition.name,
    source: wiring.source,
    driver,
    bounds: boundsOf(traits, options),
    stages: [...(wiring.stages ?? []), ...(options.stages ?? [])],
    start: traits.start === 'now' ? { at: 'now' } : (options.start ?? wiring.start ?? { at: 'resume' }),
    resumes: traits.start === 'resume',
    stable: traits.batches === 'stable',
    drainMs: wiring.drainMs ?? defaultDrainMs,
    clock,
    monitor,
    progress: new LaneProgress(laneState(wiring.state, name), persist),
    retrier,
    writer,
    desk,
    schemas,
    stop,
    hardStop,
  })
}

function driverContext(sink: string, wiring: Wiring): DriverContext {
  const { session, logger, clock, random, metrics, state, httpServer } = wiring
  return {
    sink,
    session,
    logger,
    clock,
    random,
    metrics: { count: (name, value) => metrics.onDriver?.(sink, name, value) },
    state: state.namespace(`sink:${sink}`).namespace('driver'),
    ...(httpServer && { httpServer }),
  }
}

function boundsOf(traits: DriverTraits, options: SinkOptions): BatchBounds {
  return {
    maxBatchEvents: Math.max(1, Math.min(traits.maxBatchEvents, options.maxBatchEvents ?? Number.POSITIVE_INFINITY)),
    maxBatchBytes: Math.min(traits.maxBatchBytes, options.maxBatchBytes ?? Number.POSITIVE_INFINITY),
    maxInFlight: traits.maxInFlight,
    lingerMs: options.lingerMs ?? traits.lingerMs,
  }
}

function describe({ table, change, columns }: SchemaChange): string {
  return change === 'table created'
    ? `${change}: ${table} (${columns.length} columns)`
    : `${change}: ${table} (${columns.join(', ')})`
}
