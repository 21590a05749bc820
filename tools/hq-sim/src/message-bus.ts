import { type PrivateServer, startNats } from '@eds/tool-services'
import { connect, createInbox, credsAuthenticator, headers, type Msg, type MsgHdrs, type NatsConnection } from 'nats'
import { decodeMessage, encodeMessage, parseAnswerSubject } from './answer.js'
import { type Authority, createAuthority } from './authority.js'
import { eventMessage } from './event-message.js'
import type { HqSimOptions, NotifyOptions, SimEvent, SubjectAndBytes } from './hq-sim.js'
import type { Journal } from './journal.js'
import { LinkState } from './link-state.js'

const streamName = 'dbchange'
const publishWindow = 256

/** The NATS server of one simulator, and the simulator's own connection, which may do anything. */
export class MessageBus {
  readonly #server: PrivateServer
  readonly #connection: NatsConnection
  readonly #journal: Journal
  readonly #link: LinkState
  #published = 0

  private constructor(
    readonly authority: Authority,
    parts: { server: PrivateServer; connection: NatsConnection; journal: Journal },
  ) {
    this.#server = parts.server
    this.#connection = parts.connection
    this.#journal = parts.journal
    this.#link = new LinkState(parts.connection)
    this.#connection.subscribe('eds.client.>', { callback: (_, message) => this.#record(message) })
  }

  /** Starts the server, connects and makes the stream. */
  static async start({ auth = 'jwt', maxConsumers = -1 }: HqSimOptions, journal: Journal): Promise<MessageBus> {
    const authority = await createAuthority()
    const server = await startNats(auth === 'jwt' ? { config: authority.config } : {})
    try {
      const { text } = await authority.issue('hq-sim')
      const authenticator = credsAuthenticator(new TextEncoder().encode(text))
      const reconnect = { maxReconnectAttempts: -1, reconnectTimeWait: 50, reconnectJitter: 0 }
      const connection = await connect({ servers: server.url, authenticator, ...reconnect })
      const jetStream = await connection.jetstreamManager()
      const subjects = [`${streamName}.>`]
      await jetStream.streams.add({ name: streamName, subjects, max_consumers: maxConsumers })
      return new MessageBus(authority, { server, connection, journal })
    } catch (error) {
      await server.remove()
      throw error
    }
  }

  get url(): string {
    return this.#server.url
  }

  async notify(action: string, data: unknown, { session, encoding }: NotifyOptions): Promise<void> {
    const message = encodeMessage({ action, data }, encoding)
    this.#connection.publish(this.#notifySubject(action, session), message, encodingHeaders(encoding))
    await this.#connection.flush()
  }

  async notifyBytes(action: string, bytes: Uint8Array, session: string | undefined): Promise<void> {
    this.#connection.publish(this.#notifySubject(action, session), bytes)
    await this.#connection.flush()
  }

  /** Resolves to the reply, decoded; rejects when none comes in time. */
  async request(action: string, data: unknown, options: NotifyOptions, timeoutMs: number): Promise<unknown> {
    const message = encodeMessage({ action, data }, options.encoding)
    const subject = this.#notifySubject(action, options.session)
    try {
      const sent = { timeout: timeoutMs, ...encodingHeaders(options.encoding) }
      const reply = await this.#connection.request(subject, message, sent)
      return decodeMessage(reply.data, reply.headers?.get('content-encoding') || undefined)
    } catch (cause) {
      throw new Error(`no reply to ${action} within ${timeoutMs} ms; seen:\n${this.#journal.describe()}`, { cause })
    }
  }

  /** Resolves when `pong` came to the subject that a `ping` named. */
  async ping(session: string | undefined, timeoutMs: number): Promise<void> {
    const subject = createInbox()
    const pong = new Promise<void>((resolve, reject) => {
      const late = () => new Error(`no pong within ${timeoutMs} ms; seen:\n${this.#journal.describe()}`)
      const callback = (error: Error | null, message: Msg) => {
        if (error !== null) reject(late())
        else if (message.string() === 'pong') resolve()
      }
      this.#connection.subscribe(subject, { max: 1, timeout: timeoutMs, callback })
    })
    await this.notify('ping', { subject }, session === undefined ? {} : { session })
    await pong
  }

  /** Publishes in order, some at a time; resolves to how many, when all are stored. */
  async publish(events: Iterable<SubjectAndBytes | SimEvent>): Promise<number> {
    const stream = this.#connection.jetstream()
    let open: Promise<unknown>[] = []
    let count = 0
    for (const event of events) {
      const { subject, bytes } = eventMessage(event, this.#published++)
      open.push(stream.publish(subject, bytes))
      count += 1
      if (open.length < publishWindow) continue
      await Promise.all(open)
      open = []
    }
    await Promise.all(open)
    return count
  }

  /** Resolves when the simulator's connection knows it too. */
  async stop(): Promise<void> {
    await this.#server.stop()
    await this.#link.lost()
  }

  /** Resolves when the simulator is connected again. */
  async startAgain(): Promise<void> {
    await this.#server.start()
    await this.#link.connected()
  }

  async close(): Promise<void> {
    await this.#connection.close()
    await this.#server.remove()
  }

  #notifySubject(action: string, session = this.#journal.newestSession().id): string {
    return `eds.notify.${session}.${action}`
  }

  #record(message: Msg): void {
    const parsed = parseAnswerSubject(message.subject)
    if (parsed === undefined) return
    const received = plainHeaders(message.headers)
    const encoding = message.headers?.get('content-encoding') || undefined
    const data = decodeMessage(message.data, encoding)
    this.#journal.answers.push({ ...parsed, subject: message.subject, headers: received, data, time: new Date() })
    this.#journal.watch.changed()
  }
}

function encodingHeaders(encoding: string | undefined): { headers?: MsgHdrs } {
  if (encoding === undefined) return {}
  const made = headers()
  made.set('content-encoding', encoding)
  return { headers: made }
}

function plainHeaders(received: MsgHdrs | undefined): Record<string, string> {
  return Object.fromEntries((received?.keys() ?? []).map((key) => [key, received?.get(key) ?? '']))
}
