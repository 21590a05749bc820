import type { EdsError } from '@eds/core'
import type { Msg, Subscription } from 'nats'
import type { Connection } from './connection.js'
import { natsError } from './errors.js'
import { type PullStatus, pullStatus } from './pull-status.js'

/** Who listens to a line. Called synchronously, in the order of arrival. */
export interface PullListener {
  /** A delivery of the consumer, whichever request it answers. */
  onDelivery(message: Msg): void
  /** The open request is alive. `lastDelivery` is the consumer sequence of the newest delivery that the server has sent, when it says so. */
  onHeartbeat(lastDelivery: number): void
  /** What the server says about the open request, or about the consumer. */
  onStatus(status: Exclude<PullStatus, 'alive'>, text: string): void
  onRefused(error: EdsError): void
}

export interface PullLineOptions {
  readonly stream: string
  readonly consumer: string
  readonly expiresMs: number
  readonly heartbeatMs: number
}

const nanosecondsPerMillisecond = 1e6

/**
 * The way on which one consumer delivers: an inbox of its own, and at most one pull request open at a time, because a consumer may let
 * in one only. After trouble the line is closed and another one opened, so that nothing late arrives at the wrong place.
 */
export class PullLine {
  readonly #connection: Connection
  readonly #options: PullLineOptions
  readonly #inbox: string
  readonly #subject: string
  readonly #subscription: Subscription
  readonly #listener: PullListener
  #requests = 0
  #openMessages = 0
  #openBytes = 0

  constructor(connection: Connection, options: PullLineOptions, listener: PullListener) {
    this.#connection = connection
    this.#options = options
    this.#listener = listener
    this.#inbox = connection.createInbox()
    this.#subject = `$JS.API.CONSUMER.MSG.NEXT.${options.stream}.${options.consumer}`
    this.#subscription = connection.subscribe(`${this.#inbox}.*`, (error, message) => this.#receive(error, message))
  }

  /** True while a request is open. */
  get isOpen(): boolean {
    return this.#openMessages > 0
  }

  /** Asks for messages. Without `maxBytes` they may be of any size. */
  request(messages: number, maxBytes?: number): void {
    const { expiresMs, heartbeatMs } = this.#options
    this.#openMessages = messages
    this.#openBytes = maxBytes ?? Number.POSITIVE_INFINITY
    const request = {
      batch: messages,
      expires: expiresMs * nanosecondsPerMillisecond,
      idle_heartbeat: heartbeatMs * nanosecondsPerMillisecond,
      ...(maxBytes !== undefined && { max_bytes: maxBytes }),
    }
    const reply = `${this.#inbox}.${++this.#requests}`
    this.#connection.publish(this.#subject, new TextEncoder().encode(JSON.stringify(request)), { reply })
  }

  /** Ends the line: the server drops an open request as soon as nobody listens. */
  close(): void {
    this.#openMessages = 0
    this.#subscription.unsubscribe()
  }

  #receive(error: Error | null, message: Msg): void {
    if (error) this.#listener.onRefused(natsError(error, this.#connection.where))
    else if (message.reply) this.#deliver(message)
    else this.#status(message)
  }

  #deliver(message: Msg): void {
    this.#openMessages--
    this.#openBytes -= sizeOf(message)
    if (this.#openBytes <= 0) this.#openMessages = 0
    this.#listener.onDelivery(message)
  }

  #status(message: Msg): void {
    const code = message.headers?.code ?? 0
    const text = message.headers?.description ?? ''
    const status = pullStatus(code, text)
    if (status === 'alive') {
      this.#listener.onHeartbeat(Number(message.headers?.get('Nats-Last-Consumer') || 0))
      return
    }
    const isCurrent = message.subject.endsWith(`.${this.#requests}`) && this.isOpen
    if (!isCurrent && status !== 'gone') return
    this.#openMessages = 0
    this.#listener.onStatus(status, `${code} ${text}`)
  }
}

/**
 * Bytes as the server counts them against a request: subject, reply, headers and content. The client has it on every message and
 * counts with it itself, but leaves it out of the type.
 */
function sizeOf(message: Msg): number {
  return (message as Msg & { size(): number }).size()
}
