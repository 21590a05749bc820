import { type ConnectionProbe, type Driver, EdsError, type EventBatch, type WriteResult, written } from '@eds/core'
import { BatchSender } from './batch-sender.js'
import type { EventHubConfig } from './config.js'
import { planSends } from './encode.js'
import { toEventHubError } from './errors.js'
import { HubSession } from './hub-session.js'
import { Probe } from './probe.js'

/** Sends events to a hub. */
export class EventHubDriver implements Driver {
  readonly probe: ConnectionProbe
  readonly #config: EventHubConfig
  #session: HubSession | undefined

  constructor(config: EventHubConfig) {
    this.#config = config
    this.probe = new Probe(config)
  }

  async connect(signal: AbortSignal): Promise<void> {
    await this.close()
    this.#session = await HubSession.open(this.#config, signal)
  }

  /** The session ends with a write that fails: what is under way on it must not meet the sends of the next attempt. */
  async write({ events }: EventBatch, signal: AbortSignal): Promise<WriteResult> {
    const session = this.#session
    if (session === undefined) throw new EdsError('connection', 'Event Hubs: the driver is not connected')
    try {
      const failures = await session.runAll(signal, (both) => this.#send(session, events, both))
      return failures.length === 0 ? written : { failures }
    } catch (error) {
      const known = toEventHubError(error)
      if (known.code !== 'record') session.abandon()
      throw known
    }
  }

  #send(session: HubSession, events: EventBatch['events'], signal: AbortSignal) {
    const sender = new BatchSender(events, {
      createBatch: (partitionKey) => session.createBatch(partitionKey, signal),
      send: (batch) => session.client.sendBatch(batch, { abortSignal: signal }),
    })
    return sender.send(planSends(events), this.#config.parallelSends)
  }

  async close(): Promise<void> {
    const session = this.#session
    this.#session = undefined
    await session?.close()
  }
}
