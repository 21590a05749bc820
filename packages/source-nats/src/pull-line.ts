import type { EdsError } from '@eds/core'
import type { Msg, Subscription } from 'nats'
import type { Connection } from './connection.js'
import { natsError } from './errors.js'
import { type PullStatus, pullStatus } from './pull-status.js'
import { sizeOf } from './wire-message.js'

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

/** What a line needs of the connection. */
export type PullConnection = Pick<Connection, 'where' | 'createInbox' | 'subscribe' | 'publish'>

/**
 * The way on which one consumer delivers: an inbox of its own, and at most one pull request open at a time, because a consumer may let
 * in one only. After trouble the line is closed and another one opened, so that nothing late arrives at the wrong place.
 */
export class PullLine {
  readonly #connection: PullConnection
  readonly #options: PullLineOptions
  readonly #inbox: string
  readonly #subject: string
  readonly #subscription: Subscription
  readonly #listener: PullListener
  #requests = 0
  #openMessages = 0
  #openBytes = 0
  /** How the open request ended, while some of its deliveries are still on their way: in a cluster the status may overtake them. */
  #ending: { readonly status: Exclude<PullStatus, 'alive'>; readonly text: string } | undefined

  constructor(connection: PullConnection, options: PullLineOptions, listener: PullListener) {
    this.#connection = connection
    this.#options = options
    this.#listener = listener
    this.#inbox = connection.createInbox()
    this.#subject = `$JS.API.CONSUMER.MSG.NEXT.${options.stream}.${options.consumer}`
    this.#subscription = connection.subscribe(`${this.#inbox}.*`, (error, message) => this.#receive(error, message))
  }

  /** True while a request is open. */
  get isOpen(): boolean {
    return this.#openMessages > 0 || this.#ending !== undefined
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
    this.#ending = undefined
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
    this.#end()
  }

  #status(message: Msg): void {
    const { headers } = message
    const text = headers?.description ?? ''
    const code = headers?.code ?? 0
    const status = pullStatus(code, text)
    if (status === 'alive') {
      this.#listener.onHeartbeat(Number(headers?.get('Nats-Last-Consumer') || 0))
      return
    }
    const isCurrent = message.subject.endsWith(`.${this.#requests}`) && this.isOpen
    if (!isCurrent && status !== 'gone') return
    const undelivered = status === 'gone' ? '' : headers?.get('Nats-Pending-Messages')
    this.#openMessages = undelivered ? this.#openMessages - Number(undelivered) : 0
    this.#openBytes = Number.POSITIVE_INFINITY
    this.#ending = { status, text: `${code} ${text}` }
    this.#end()
  }

  /** Tells that the request ended once its last delivery has come. */
  #end(): void {
    const ending = this.#ending
    if (!ending || this.#openMessages > 0) return
    this.#ending = undefined
    this.#listener.onStatus(ending.status, ending.text)
  }
}
