import { withDeadline, withSignals } from '@eds/core'
import type { v1 } from '@google-cloud/pubsub'
import type { PubsubConfig } from './config.js'
import { topicPath } from './config.js'
import type { PublishRequest } from './plan.js'

/** A call that can be taken back. */
interface OngoingCall extends Promise<unknown> {
  cancel?(): void
}

/**
 * For emulators. Without it the client library asks the environment, down to the metadata server of Google Cloud, which universe the
 * credentials are of, though none are used.
 */
const withoutLogin = {
  universeDomain: 'googleapis.com',
  clientOptions: { universeDomain: 'googleapis.com' },
}

/** A logged-in client of one topic, whose calls are never repeated. The only file that knows the client library. */
export class Connection {
  readonly topic: string
  readonly #client: v1.PublisherClient
  readonly #timeoutMs: number
  readonly #closing = new AbortController()

  private constructor(client: v1.PublisherClient, config: PubsubConfig) {
    this.#client = client
    this.topic = topicPath(config)
    this.#timeoutMs = config.timeoutMs
  }

  /** Loads the client library and finds credentials; sends nothing to Pub/Sub yet. */
  static async open(config: PubsubConfig, signal: AbortSignal): Promise<Connection> {
    const { PubSub, v1 } = await import('@google-cloud/pubsub')
    const { project, credentialsFile, endpoint } = config
    const { port, ...settings } = await new PubSub({
      projectId: project,
      ...(credentialsFile === undefined ? {} : { keyFilename: credentialsFile }),
      ...(endpoint === undefined ? {} : { apiEndpoint: endpoint }),
    }).getClientConfig()
    // Otherwise a new connection would wait for the back-off of the broken one. The client library takes off the first `grpc.`.
    const channel = { 'grpc.grpc.use_local_subchannel_pool': 1 }
    const client = new v1.PublisherClient({
      ...settings,
      ...(port === undefined ? {} : { port: Number(port) }),
      ...(settings.sslCreds === undefined ? {} : withoutLogin),
      ...channel,
    })
    // Without this, the first call would throw missing credentials where nobody can catch them.
    await withDeadline(() => client.initialize(), { signal, what: 'Pub/Sub: finding credentials' })
    return new Connection(client, config)
  }

  /** Rejects with NOT_FOUND when the topic is not there. */
  async getTopic(signal: AbortSignal): Promise<void> {
    await this.#call('getTopic', { topic: this.topic }, 'topic', signal)
  }

  async createTopic(signal: AbortSignal): Promise<void> {
    await this.#call('createTopic', { name: this.topic }, 'name', signal)
  }

  /** Resolves when the messages are durable. */
  async publish(messages: PublishRequest, signal: AbortSignal): Promise<void> {
    await this.#call('publish', { topic: this.topic, messages }, 'topic', signal)
  }

  /** Gives up what is under way. Does not throw. */
  async close(): Promise<void> {
    this.#closing.abort()
    await this.#client.close().catch(() => {})
  }

  /**
   * The client's own methods hide the promise that can be cancelled, and a request that was given up should not reach the server behind
   * its own repetition. Neither retries nor the client's bundling: the pipeline repeats, in order.
   */
  async #call(method: string, request: object, routedBy: 'topic' | 'name', signal: AbortSignal): Promise<void> {
    const headers = { 'x-goog-request-params': `${routedBy}=${encodeURIComponent(this.topic)}` }
    const options = { timeout: this.#timeoutMs, retry: null, isBundling: false, otherArgs: { headers } }
    let call: OngoingCall | undefined
    const start = async () => {
      call = this.#client.innerApiCalls[method]?.(request, options)
      await call
    }
    const deadline = { what: `Pub/Sub (${this.topic})`, giveUp: () => call?.cancel?.() }
    await withSignals([signal, this.#closing.signal], (either) => withDeadline(start, { ...deadline, signal: either }))
  }
}
