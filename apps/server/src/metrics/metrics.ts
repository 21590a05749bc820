import type { LaneStatus, PipelineMetrics } from '@eds/core'
import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import { pendingAgeMs } from '../host/lane-facts.js'

const flushSecondsBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
const flushCountBuckets = [1, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000]
const processingSecondsBuckets = [1, 2, 3, 5, 10, 60, 300, 600, 1800, 3600]

/** What HQ is told about a server's work; the last three by the number of their samples. */
export interface WorkFigures {
  readonly pendingEvents: number
  readonly totalEvents: number
  readonly flushCount: number
  readonly flushDuration: number
  readonly processingDuration: number
}

export interface ServerMetrics {
  /** To be handed to the pipeline. */
  readonly pipeline: PipelineMetrics
  readonly contentType: string
  /** The figures as Prometheus reads them. */
  render(): Promise<string>
  figures(): WorkFigures
}

/** The figures of all sinks together, and of each. `statuses` and `now` are asked when the figures are read. */
export function createMetrics(statuses: () => readonly LaneStatus[], now: () => number): ServerMetrics {
  const registry = new Registry()
  const registers = [registry]
  const totalEvents = new Counter({ name: 'eds_total_events', help: 'Events delivered.', registers })
  const flushSeconds = new Histogram({
    name: 'eds_flush_duration_seconds',
    help: 'Seconds that one write to a destination took.',
    buckets: flushSecondsBuckets,
    registers,
  })
  const flushCount = new Histogram({
    name: 'eds_flush_count',
    help: 'Events in one write.',
    buckets: flushCountBuckets,
    registers,
  })
  const processingSeconds = new Histogram({
    name: 'eds_processing_duration_seconds',
    help: 'Seconds from the source storing the oldest event of a write to its being durable.',
    buckets: processingSecondsBuckets,
    registers,
  })
  declareGauges(registry, statuses, now)
  const done = { batches: 0, events: 0 }
  const driverCounts = new Counter({
    name: 'eds_driver_count_total',
    help: 'What drivers count.',
    labelNames: ['sink', 'name'],
    registers,
  })
  return {
    pipeline: {
      onBatch: (_sink, { events, writeMs, processingMs }) => {
        done.batches += 1
        done.events += events
        totalEvents.inc(events)
        flushSeconds.observe(writeMs / 1_000)
        flushCount.observe(events)
        processingSeconds.observe(processingMs / 1_000)
      },
      onDriver: (sink, name, value) => driverCounts.inc({ sink, name }, value),
    },
    contentType: registry.contentType,
    render: () => registry.metrics(),
    figures: () => ({
      pendingEvents: pendingOf(statuses()),
      totalEvents: done.events,
      flushCount: done.batches,
      flushDuration: done.batches,
      processingDuration: done.batches,
    }),
  }
}

function pendingOf(statuses: readonly LaneStatus[]): number {
  return statuses.reduce((sum, { pendingEvents }) => sum + pendingEvents, 0)
}

/** What is read from the lanes at the moment of asking. */
function declareGauges(registry: Registry, statuses: () => readonly LaneStatus[], now: () => number): void {
  new Gauge({
    name: 'eds_pending_events',
    help: 'Events read and not yet durable, over all sinks.',
    registers: [registry],
    collect() {
      this.set(pendingOf(statuses()))
    },
  })
  const perSink = (name: string, help: string, value: (status: LaneStatus) => number | undefined) =>
    new Gauge({
      name,
      help,
      labelNames: ['sink'],
      registers: [registry],
      collect() {
        this.reset()
        for (const status of statuses()) {
          const current = value(status)
          if (current !== undefined) this.set({ sink: status.sink }, current)
        }
      },
    })
  perSink(
    'eds_sink_events_behind',
    'Events that the sink does not have yet.',
    ({ pendingEvents, behindEvents }) => pendingEvents + (behindEvents ?? 0),
  )
  perSink(
    'eds_sink_oldest_pending_seconds',
    'Age of the oldest event that is read and not yet durable.',
    (status) => (pendingAgeMs(status, now()) ?? 0) / 1_000,
  )
  perSink('eds_sink_dead_letters', 'Dead letters that are open or parked.', ({ deadLetters }) => deadLetters)
  declareCounters(registry, statuses)
  new Gauge({
    name: 'eds_sink_state',
    help: '1 for the state that the sink is in.',
    labelNames: ['sink', 'state'],
    registers: [registry],
    collect() {
      this.reset()
      for (const { sink, state } of statuses()) this.set({ sink, state }, 1)
    },
  })
}

function declareCounters(registry: Registry, statuses: () => readonly LaneStatus[]): void {
  const perSink = (name: string, help: string, value: (status: LaneStatus) => number) =>
    new Counter({
      name,
      help,
      labelNames: ['sink'],
      registers: [registry],
      collect() {
        this.reset()
        for (const status of statuses()) this.inc({ sink: status.sink }, value(status))
      },
    })
  perSink('eds_sink_events_total', 'Events delivered to the sink since start.', ({ totalEvents }) => totalEvents)
  perSink('eds_sink_retries_total', 'Attempts that failed and were repeated since start.', ({ retries }) => retries)
}
