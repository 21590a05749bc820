import { setMaxListeners } from 'node:events'
import type { EventDataBatch, EventHubProducerClient } from '@azure/event-hubs'
import { withDeadline, withSignals } from '@eds/core'
import { addressOf, type EventHubConfig } from './config.js'
import { abandonedError, lostError, toEventHubError } from './errors.js'
import { destroyConnection, watchForLoss } from './link-watch.js'

const closeLimitMs = 2_000

/** One connection with its sender link. Ends with the first loss; never repairs itself. */
export class HubSession {
  readonly client: EventHubProducerClient
  readonly #ended = new AbortController()
  readonly #requestTimeoutMs: number

  private constructor(client: EventHubProducerClient, requestTimeoutMs: number) {
    this.client = client
    this.#requestTimeoutMs = requestTimeoutMs
  }

  /** Connects, signs in and opens the link. Rejects with `EdsError`. */
  static async open(config: EventHubConfig, signal: AbortSignal): Promise<HubSession> {
    const session = new HubSession(await createClient(config), config.requestTimeoutMs)
    try {
      await session.run(signal, (both) => session.client.createBatch({ abortSignal: both }))
      watchForLoss(session.client, (detail) => session.#ended.abort(lostError(detail)))
      return session
    } catch (error) {
      await session.close()
      throw error
    }
  }

  createBatch(partitionKey: string, signal: AbortSignal): Promise<EventDataBatch> {
    return this.client.createBatch({ partitionKey, abortSignal: signal })
  }

  /**
   * Runs a request with a signal that also aborts when the session ends or time is up, and rejects with `EdsError` then, whether or
   * not the client library heeds it.
   */
  async run<T>(signal: AbortSignal, request: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const limit = AbortSignal.timeout(this.#requestTimeoutMs)
    return withSignals([signal, this.#ended.signal, limit], (limited) => runAborting(limited, request))
  }

  /** The same without a time limit of its own, for many requests that have theirs. */
  runAll<T>(signal: AbortSignal, requests: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return withSignals([signal, this.#ended.signal], (either) => runAborting(either, requests))
  }

  /** Ends at once, without a word to the service: nothing that waits to be sent goes out any more. */
  abandon(): void {
    this.#ended.abort(abandonedError())
    destroyConnection(this.client)
  }

  /** Bounded; does not throw. What has ended already has nobody left to say goodbye to. */
  async close(): Promise<void> {
    if (this.#ended.signal.aborted) {
      void this.client.close().catch(() => {})
      return
    }
    this.#ended.abort(abandonedError())
    const giveUp = () => destroyConnection(this.client)
    const deadline = { timeoutMs: closeLimitMs, what: 'Event Hubs', giveUp }
    await withDeadline(() => this.client.close(), deadline).catch(() => {})
  }
}

async function runAborting<T>(signal: AbortSignal, request: (signal: AbortSignal) => Promise<T>): Promise<T> {
  // Every send under way listens.
  setMaxListeners(0, signal)
  let onAbort = () => {}
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
  })
  try {
    signal.throwIfAborted()
    return await Promise.race([request(signal), aborted])
  } catch (error) {
    throw signal.aborted ? abortReason(signal) : toEventHubError(error)
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

function abortReason({ reason }: AbortSignal): Error {
  const name: unknown = reason instanceof Error ? reason.name : undefined
  if (name === 'TimeoutError') return toEventHubError({ name: 'OperationTimeoutError' })
  return name === 'EdsError' ? toEventHubError(reason) : abandonedError()
}

/** Loads the client library only now. Retries are off: the pipeline retries, in order. */
async function createClient(config: EventHubConfig): Promise<EventHubProducerClient> {
  const { EventHubProducerClient } = await import('@azure/event-hubs')
  const { host, hub, key, signature } = addressOf(config)
  const options = { retryOptions: { maxRetries: 0, timeoutInMs: config.requestTimeoutMs } }
  if (key !== undefined || signature !== undefined) {
    return new EventHubProducerClient(config.connectionString, options)
  }
  const { DefaultAzureCredential } = await import('@azure/identity')
  return new EventHubProducerClient(host, hub, new DefaultAzureCredential(), options)
}
