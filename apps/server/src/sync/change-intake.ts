import {
  type ChangeEvent,
  type DriverDefinition,
  defineDriver,
  type EventBatch,
  type Sink,
  sink,
  written,
} from '@eds/core'
import { acceptsMethod, type Sync, type SyncConfig, type SyncRequest } from '@eds/sync'
import { z } from 'zod'
import { type EndpointRules, endpointsOf } from './event-rules.js'

/**
 * The end of a pipeline whose change events count as endpoint events. A batch is written when the synchronisation has stored all of its
 * events, so that nothing is acknowledged before. After a crash the last ones may be counted twice.
 */
export function changeIntake(sync: Sync, rules: EndpointRules): Sink {
  const definition: DriverDefinition<Record<never, unknown>> = defineDriver({
    apiVersion: 1,
    name: 'eventsync',
    title: 'Synchronisation',
    description: 'Counts change events as events of endpoints.',
    exampleUrl: 'eventsync://',
    schemes: ['eventsync'],
    config: z.object({}),
    parse: () => ({}),
    format: () => 'eventsync://',
    traits: () => ({
      maxBatchEvents: 1_000,
      maxBatchBytes: 8 * 2 ** 20,
      maxInFlight: 1,
      lingerMs: 0,
      ordering: 'key',
      redelivery: 'duplicates',
      compaction: false,
      batches: 'free',
      start: 'resume',
    }),
    create: () => ({
      connect: async () => {},
      async write({ events }: EventBatch) {
        await Promise.all(requestsOf(events, rules, sync.config).map((request) => sync.receive(request)))
        return written
      },
      close: async () => {},
    }),
  })
  return sink(definition, {})
}

function requestsOf(events: readonly ChangeEvent[], rules: EndpointRules, config: SyncConfig): SyncRequest[] {
  return events.flatMap((event) =>
    endpointsOf(event, rules).map((eventKey) => changeRequest(event, eventKey, methodOf(eventKey, config))),
  )
}

/** A change event as if it had been posted. */
export function changeRequest(event: ChangeEvent, eventKey: string, httpMethod: string): SyncRequest {
  const { table, operation, id, bytes } = event
  return {
    eventKey,
    httpMethod,
    headers: { 'Content-Type': ['application/json'], 'Eds-Event-Id': [id] },
    queryParams: { operation: [operation], table: [table] },
    content: Buffer.from(bytes).toString(),
  }
}

/** POST, or the first that the endpoint takes. */
function methodOf(eventKey: string, { endpoints }: SyncConfig): string {
  const endpoint = endpoints.find((candidate) => candidate.eventKey === eventKey)
  if (endpoint === undefined || acceptsMethod(endpoint, 'POST')) return 'POST'
  return endpoint.acceptedHttpMethods?.[0] ?? 'POST'
}
