import type { LaneStatus, PipelineMetrics } from '@eds/core'
import type { Meter } from '@opentelemetry/api'
import { pendingAgeMs } from '../host/lane-facts.js'

export interface MeasureOptions {
  readonly statuses: () => readonly LaneStatus[]
  readonly now: () => number
}

/** The figures that Prometheus reads at `/metrics`, per sink. */
export function measureBatches(meter: Meter, { statuses, now }: MeasureOptions): PipelineMetrics {
  const events = meter.createCounter('eds.events', { description: 'Events delivered.', unit: '{event}' })
  const bytes = meter.createCounter('eds.bytes', { description: 'Bytes of the events delivered.', unit: 'By' })
  const retries = meter.createCounter('eds.retries', { description: 'Attempts that failed and were repeated.' })
  const deadLetters = meter.createCounter('eds.dead_letters', { description: 'Events put aside.', unit: '{event}' })
  const writes = meter.createHistogram('eds.write.duration', {
    description: 'Time that one write to a destination took.',
    unit: 's',
  })
  const writeEvents = meter.createHistogram('eds.write.events', {
    description: 'Events in one write.',
    unit: '{event}',
  })
  const processing = meter.createHistogram('eds.processing.duration', {
    description: 'From the source storing the oldest event of a write to its being durable.',
    unit: 's',
  })
  const driver = meter.createCounter('eds.driver.count', { description: 'What drivers count.' })
  observe(meter, 'eds.events.behind', 'Events that the sink does not have yet.', statuses, (status) => {
    return status.pendingEvents + (status.behindEvents ?? 0)
  })
  observe(meter, 'eds.oldest_pending.age', 'Age of the oldest pending event, in seconds.', statuses, (status) => {
    return (pendingAgeMs(status, now()) ?? 0) / 1_000
  })
  return {
    onBatch: (sink, batch) => {
      const attributes = { 'eds.sink': sink }
      events.add(batch.events, attributes)
      bytes.add(batch.bytes, attributes)
      writes.record(batch.writeMs / 1_000, attributes)
      writeEvents.record(batch.events, attributes)
      processing.record(batch.processingMs / 1_000, attributes)
    },
    onRetry: (sink, { code }) => retries.add(1, { 'eds.sink': sink, 'error.type': code }),
    onDeadLetter: (sink, count) => deadLetters.add(count, { 'eds.sink': sink }),
    onDriver: (sink, name, value) => driver.add(value, { 'eds.sink': sink, 'eds.name': name }),
  }
}

function observe(
  meter: Meter,
  name: string,
  description: string,
  statuses: MeasureOptions['statuses'],
  value: (status: LaneStatus) => number,
): void {
  meter.createObservableGauge(name, { description }).addCallback((result) => {
    for (const status of statuses()) result.observe(value(status), { 'eds.sink': status.sink })
  })
}
