import { type Clock, EdsError } from '@eds/core'
import type { EndpointService, ReceivedEvent, Reception } from '@eds/source-http'
import { acceptsMethod, type Receipt, type Sync } from '@eds/sync'
import type { SentMessages } from './sent-messages.js'
import type { SyncMetrics } from './sync-metrics.js'

export interface SyncServiceParts {
  readonly sync: Sync
  readonly sent: SentMessages
  readonly clock: Pick<Clock, 'sleep'>
}

/** How long an answer waits for its message to be sent; it goes out all the same. */
const patienceMs = 5_000

/** The endpoints of EventSync upon a synchronisation. */
export function syncService(parts: SyncServiceParts): EndpointService {
  const { sync } = parts
  let metrics: Promise<SyncMetrics> | undefined
  return {
    refusal: (eventKey, method) => refusal(sync, eventKey, method),
    receive: (event) => receive(event, parts),
    async trigger() {
      await sync.trigger()
      return 'trigger correctly performed'
    },
    async reset() {
      await sync.reset()
      return 'the events have been correctly reset'
    },
    config: () => sync.config,
    status: () => sync.status(),
    async metrics() {
      metrics ??= import('./sync-metrics.js').then(({ createSyncMetrics }) => createSyncMetrics(() => sync.status()))
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
  return { evaluated: evaluated(event.eventKey, receipt, parts) }
}

async function evaluated(eventKey: string, receipt: Receipt, { sent, clock }: SyncServiceParts): Promise<string> {
  if (receipt.fired === undefined) return 'event stored, no message is due'
  const patience = new AbortController()
  const late = clock.sleep(patienceMs, patience.signal)
  const outcome = await Promise.race([sent.outcome(eventKey, receipt), late])
  patience.abort()
  if (outcome === undefined) return 'event stored, the message is on its way'
  if (outcome.ok) return 'event stored, the message was sent'
  const { code, message } = outcome.error
  throw new EdsError(code, `the message stays due: ${message}`, { cause: outcome.error })
}
