import type { Clock } from '@eds/core'
import type { EndpointService, ReceivedEvent, Reception } from '@eds/source-http'
import { acceptsMethod, type Receipt, type Sync, type SyncStatus } from '@eds/sync'
import type { Delivery, DeliveryReport } from './delivery.js'
import type { SentMessages } from './sent-messages.js'
import type { SyncMetrics } from './sync-metrics.js'

export interface SyncServiceParts {
  readonly sync: Sync
  readonly sent: SentMessages
  readonly delivery: Pick<Delivery, 'health' | 'report'>
  readonly clock: Pick<Clock, 'sleep'>
  /** Answer before the message is sent. */
  readonly answerFirst: boolean
}

/** What the program says of itself. */
export interface SyncProgramStatus extends SyncStatus {
  readonly delivery: DeliveryReport
}

/** How long an answer waits for its message to be sent; it goes out all the same. */
const patienceMs = 5_000

/** The endpoints of EventSync upon a synchronisation. */
export function syncService(parts: SyncServiceParts): EndpointService {
  const { sync, delivery, answerFirst } = parts
  const status = async (): Promise<SyncProgramStatus> => ({ ...(await sync.status()), delivery: delivery.report() })
  let metrics: Promise<SyncMetrics> | undefined
  return {
    refusal: (eventKey, method) => refusal(sync, eventKey, method),
    receive: (event) => receive(event, parts),
    async trigger() {
      const firing = await sync.trigger()
      return `trigger correctly performed, ${answerFirst ? 'the message is on its way' : await fate(firing, parts)}`
    },
    async reset() {
      await sync.reset()
      return 'the events have been correctly reset'
    },
    config: () => sync.config,
    status,
    health: () => delivery.health(),
    async metrics() {
      metrics ??= import('./sync-metrics.js').then(({ createSyncMetrics }) => createSyncMetrics(status))
      return (await metrics).render()
    },
  }
}

function refusal({ config }: Sync, eventKey: string, method: string): string | undefined {
  const endpoint = config.endpoints.find((candidate) => candidate.eventKey === eventKey)
  if (endpoint === undefined) {
    const keys = config.endpoints.map((candidate) => candidate.eventKey).join(', ')
    return `invalid endpoint "${eventKey}": there is ${keys}`
  }
  if (acceptsMethod(endpoint, method)) return undefined
  return `invalid method ${method} for endpoint "${eventKey}": it takes ${endpoint.acceptedHttpMethods?.join(', ')}`
}

async function receive(event: ReceivedEvent, parts: SyncServiceParts): Promise<Reception> {
  const receipt = await parts.sync.receive(event)
  return { evaluated: evaluated(receipt, parts) }
}

async function evaluated({ fired }: Receipt, parts: SyncServiceParts): Promise<string> {
  return fired === undefined ? 'event stored, no message is due' : `event stored, ${await fate(fired, parts)}`
}

/** What became of a message, in words. */
async function fate(firing: string, { sent, clock }: SyncServiceParts): Promise<string> {
  const patience = new AbortController()
  const outcome = await sent.outcome(firing, clock.sleep(patienceMs, patience.signal))
  patience.abort()
  if (outcome === undefined) return 'the message is on its way'
  return outcome.ok ? 'the message was sent' : `the message stays due: ${outcome.error.message}`
}
