import { randomUUID } from 'node:crypto'
import { type Clock, EdsError, type Logger, systemClock } from '@eds/core'
import type { Msg } from 'nats'
import { Connection } from './connection.js'
import { type ConnectionSettings, connectionSettings, type NatsConnectionOptions } from './connection-options.js'
import { type ApiFailure, natsError, publishError } from './errors.js'
import { failureOf, JetStreamApi } from './jetstream-api.js'
import { type OutgoingMessage, PublishWindow } from './publish-window.js'
import { checkName } from './settings.js'
import { repeat } from './stall-watch.js'

/** Options of {@link publisher}. */
export interface PublisherOptions extends NatsConnectionOptions {
  /** Default `dbchange`. */
  readonly stream?: string
  /** Creates the stream when it is missing: all subjects below its name, no limits. Default false. */
  readonly createStream?: boolean
  /** Messages sent and not yet confirmed. Default 512. */
  readonly maxInFlight?: number
  /** Fails when nothing was confirmed for so long, milliseconds. Default 30,000. */
  readonly patienceMs?: number
  readonly clock?: Clock
  readonly logger?: Logger
}

/**
 * Publishes into a stream, in order, many at a time. What a broken connection left in doubt is sent again under the same id, so that
 * the stream drops what it has already.
 */
export interface StreamPublisher {
  /** Connects, and makes sure that the stream is there. Rejects with `EdsError`. */
  open(): Promise<void>
  /**
   * Resolves when the message is on its way and there is room for another; {@link flush} tells that it is stored. Rejects with the
   * `EdsError` of the first message that could not be stored; nothing is sent after that.
   */
  publish(message: OutgoingMessage): Promise<void>
  /** Resolves when everything is stored. Rejects as {@link publish} does. */
  flush(): Promise<void>
  /** Messages that the server has confirmed. */
  readonly stored: number
  /** Idempotent; does not wait for confirmations. */
  close(): Promise<void>
}

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} }

/** Makes a publisher; connects in `open`. */
export function publisher(options: PublisherOptions): StreamPublisher {
  return new NatsPublisher(options, connectionSettings(options), checkName('stream', options.stream ?? 'dbchange'))
}

class NatsPublisher implements StreamPublisher {
  readonly #settings: ConnectionSettings
  readonly #stream: string
  readonly #createStream: boolean
  readonly #maxInFlight: number
  readonly #patienceMs: number
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #window = new PublishWindow()
  readonly #stop = new AbortController()
  readonly #session = randomUUID()
  #connection: Connection | undefined
  #inbox = ''
  #stored = 0
  #failure: EdsError | undefined
  #waiters: (() => void)[] = []
  /** Messages that no stream took at the first attempt. */
  readonly #unclaimed = new Set<number>()

  constructor(options: PublisherOptions, settings: ConnectionSettings, stream: string) {
    this.#settings = settings
    this.#stream = stream
    this.#createStream = options.createStream ?? false
    this.#maxInFlight = options.maxInFlight ?? 512
    this.#patienceMs = options.patienceMs ?? 30_000
    this.#clock = options.clock ?? systemClock
    this.#logger = options.logger ?? silent
  }

  get stored(): number {
    return this.#stored
  }

  async open(): Promise<void> {
    const connection = await Connection.open(this.#settings, this.#logger)
    this.#connection = connection
    const api = new JetStreamApi(connection, this.#stream, this.#settings.timeoutMs)
    if (this.#createStream) await api.createStream()
    else await api.requireStream()
    this.#inbox = connection.createInbox()
    connection.subscribe(`${this.#inbox}.*`, (error, answer) => {
      if (error) this.#fail(natsError(error, this.#settings.where))
      else this.#confirm(answer)
    })
    connection.listen((event) => {
      if (event.kind === 'back') this.#resend()
      if (event.kind === 'closed' || event.kind === 'denied') this.#fail(event.error)
    })
    void repeat(this.#clock, this.#settings.timeoutMs, this.#stop.signal, () => this.#check())
  }

  async publish(message: OutgoingMessage): Promise<void> {
    while (!this.#failure && this.#window.size >= this.#maxInFlight) await this.#change()
    if (this.#failure) throw this.#failure
    this.#send(this.#window.add(message, this.#clock.now()), message)
  }

  async flush(): Promise<void> {
    while (!this.#failure && this.#window.size > 0) await this.#change()
    if (this.#failure) throw this.#failure
  }

  async close(): Promise<void> {
    this.#stop.abort()
    this.#fail(new EdsError('connection', 'the publisher is closed'))
    await this.#connection?.close()
  }

  #send(number: number, { subject, data, id, encoding }: OutgoingMessage): void {
    const connection = this.#connection
    if (!connection) return
    const headers = connection.createHeaders()
    headers.set('Nats-Msg-Id', id ?? `${this.#session}.${number}`)
    if (encoding !== undefined) headers.set('content-encoding', encoding)
    try {
      connection.publish(subject, data, { reply: `${this.#inbox}.${number}`, headers })
    } catch (error) {
      this.#fail(natsError(error, this.#settings.where))
    }
  }

  #confirm(answer: Msg): void {
    const number = Number(answer.subject.slice(this.#inbox.length + 1))
    const message = this.#window.message(number)
    if (!message) return
    const failure = publishFailure(answer)
    if (answer.headers?.code === 503) this.#unclaim(number, message)
    else if (failure) this.#fail(publishError(failure, this.#stream, message.subject))
    else {
      this.#window.confirm(number, this.#clock.now())
      this.#stored++
      this.#notify()
    }
  }

  /** No stream answered: a server that is just coming up, so it is sent once more; then the subject is to blame. */
  #unclaim(number: number, { subject }: OutgoingMessage): void {
    if (!this.#unclaimed.has(number)) this.#unclaimed.add(number)
    else
      this.#fail(
        new EdsError('configuration', `no stream of NATS at ${this.#settings.where} takes the subject "${subject}"`),
      )
  }

  #check(): void {
    const now = this.#clock.now()
    if (this.#window.stuckMs(now) >= this.#patienceMs) this.#fail(this.#unconfirmed())
    else if (this.#window.isOverdue(this.#settings.timeoutMs, now)) this.#resend()
  }

  #resend(): void {
    if (!this.#failure && this.#connection?.isUp) {
      for (const [number, message] of this.#window.resend(this.#clock.now())) this.#send(number, message)
    }
  }

  #unconfirmed(): EdsError {
    const seconds = Math.round(this.#patienceMs / 1_000)
    return new EdsError('connection', `NATS at ${this.#settings.where} has confirmed no message for ${seconds} s`)
  }

  #fail(error: EdsError): void {
    this.#failure ??= error
    this.#notify()
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#waiters.push(resolve))
  }

  #notify(): void {
    for (const wake of this.#waiters.splice(0)) wake()
  }
}

/** https://docs.nats.io/reference/reference-protocols/nats_api_reference#publishing-to-a-stream */
function publishFailure(answer: Msg): ApiFailure | undefined {
  return answer.data.length === 0 ? undefined : failureOf(JSON.parse(answer.string()))
}
