import type { MetricsText } from '@eds/source-http'
import type { SyncStatus } from '@eds/sync'
import { Counter, Gauge, Registry } from 'prom-client'
import type { SyncProgramStatus } from './sync-service.js'

export interface SyncMetrics {
  render(): Promise<MetricsText>
}

const counters: Readonly<Record<string, [help: string, value: (status: SyncStatus) => number]>> = {
  eds_sync_events_stored_total: ['Events stored.', ({ eventsStored }) => eventsStored],
  eds_sync_events_expired_total: ['Events that no message took in time.', ({ eventsExpired }) => eventsExpired],
  eds_sync_events_reset_total: ['Events marked as used by a reset.', ({ eventsReset }) => eventsReset],
  eds_sync_windows_fired_total: ['Windows that fired.', ({ windowsFired }) => windowsFired],
  eds_sync_messages_sent_total: ['Messages confirmed by their destination.', ({ messagesSent }) => messagesSent],
}

const gauges: Readonly<Record<string, [help: string, value: (status: SyncProgramStatus) => number]>> = {
  eds_sync_messages_due: ['Messages that are not confirmed yet.', ({ due }) => due.count],
  eds_sync_messages_refused: ['Messages that can never be sent as they are.', ({ refused }) => refused.length],
  eds_sync_delivery_blocked: [
    '1: no message can be sent until somebody has done something; the status says what.',
    ({ delivery }) => (delivery.state === 'blocked' ? 1 : 0),
  ],
  eds_sync_last_fire_timestamp_seconds: [
    'When the last window fired; 0: never.',
    ({ lastFire }) => (lastFire === undefined ? 0 : Date.parse(lastFire) / 1_000),
  ],
}

/** The figures of the status, for Prometheus. The store keeps the counters, so that they go on over restarts and instances. */
export function createSyncMetrics(status: () => Promise<SyncProgramStatus>): SyncMetrics {
  return {
    async render() {
      const registry = registryOf(await status())
      return { contentType: registry.contentType, text: await registry.metrics() }
    },
  }
}

function registryOf(status: SyncProgramStatus): Registry {
  const registry = new Registry()
  const registers = [registry]
  for (const [name, [help, value]] of Object.entries(counters))
    new Counter({ name, help, registers }).inc(value(status))
  for (const [name, [help, value]] of Object.entries(gauges)) new Gauge({ name, help, registers }).set(value(status))
  const labelNames = ['endpoint'] as const
  const pending = new Gauge({ name: 'eds_sync_pending_events', help: 'Unused events.', labelNames, registers })
  const missing = new Gauge({
    name: 'eds_sync_missing_events',
    help: 'Events still missing for the next message.',
    labelNames,
    registers,
  })
  for (const { eventKey, pending: count } of status.endpoints) {
    pending.set({ endpoint: eventKey }, count)
    missing.set({ endpoint: eventKey }, status.missing[eventKey] ?? 0)
  }
  return registry
}
