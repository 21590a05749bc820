import { readFileSync } from 'node:fs'
import type { EdsError, Logger } from '@eds/core'
import type { Authenticator, ConnectionOptions, Msg, MsgHdrs, NatsConnection, Subscription } from 'nats'
import type { ConnectionSettings, NatsCredentials } from './connection-options.js'
import { natsError, permissionError } from './errors.js'

type Nats = typeof import('nats')

/** What may happen to a connection. `closed` and `denied` carry why. */
export type ConnectionEvent =
  | { readonly kind: 'lost' }
  | { readonly kind: 'back' }
  | { readonly kind: 'closed'; readonly error: EdsError }
  | { readonly kind: 'denied'; readonly error: EdsError; readonly subject: string }

const reconnectWaitMs = 250
const pingIntervalMs = 15_000

/** A connection that stays: it reconnects for ever and says so, and turns every error of the client into an EdsError. */
export class Connection {
  readonly where: string
  readonly #nats: NatsConnection
  readonly #library: Nats
  readonly #timeoutMs: number
  readonly #logger: Logger
  readonly #trace: (what: string, subject: string, bytes?: number) => void
  readonly #listeners = new Set<(event: ConnectionEvent) => void>()
  #isUp = true

  private constructor(nats: NatsConnection, library: Nats, settings: ConnectionSettings, logger: Logger) {
    this.where = settings.where
    this.#nats = nats
    this.#library = library
    this.#timeoutMs = settings.timeoutMs
    this.#logger = logger
    this.#trace = settings.trace ? (what, subject, bytes) => logger.info({ subject, bytes }, `NATS ${what}`) : () => {}
    void this.#watchStatus()
    void this.#watchEnd()
  }

  /** Rejects with `EdsError` when no server could be reached in time. The client library is loaded here, not before. */
  static async open(settings: ConnectionSettings, logger: Logger): Promise<Connection> {
    const library = await import('nats')
    try {
      return new Connection(await library.connect(clientOptions(settings, library)), library, settings, logger)
    } catch (error) {
      throw natsError(error, settings.where)
    }
  }

  /** False while the client is reconnecting, and after the end. */
  get isUp(): boolean {
    return this.#isUp && !this.isClosed
  }

  get isClosed(): boolean {
    return this.#nats.isClosed()
  }

  /** Returns a function that ends the listening. */
  listen(listener: (event: ConnectionEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  createInbox(): string {
    return this.#library.createInbox()
  }

  createHeaders(): MsgHdrs {
    return this.#library.headers()
  }

  /** The callback gets an error only when the server refused the subscription. */
  subscribe(subject: string, callback: (error: Error | null, message: Msg) => void): Subscription {
    this.#trace('subscribe', subject)
    return this.#nats.subscribe(subject, { callback })
  }

  /** Sends when it can; says nothing when the connection is down. */
  publish(
    subject: string,
    payload: Uint8Array,
    options?: { readonly reply?: string; readonly headers?: MsgHdrs },
  ): void {
    this.#trace('publish', subject, payload.length)
    if (!this.isClosed) this.#nats.publish(subject, payload, options && { ...options })
  }

  /**
   * Rejects with `EdsError`, also when no answer came in time. The answer to a pull request is a message under its own subject, which
   * an inbox shared by all requests cannot tell apart: `ownInbox`.
   */
  async request(subject: string, payload: Uint8Array, ownInbox = false): Promise<Msg> {
    this.#trace('request', subject, payload.length)
    try {
      return await this.#nats.request(subject, payload, { timeout: this.#timeoutMs, noMux: ownInbox })
    } catch (error) {
      throw natsError(error, this.where)
    }
  }

  /** Resolves when the server has everything that was sent. Rejects with `EdsError` when the connection broke meanwhile. */
  async flush(): Promise<void> {
    try {
      await this.#nats.flush()
    } catch (error) {
      throw natsError(error, this.where)
    }
  }

  /** Idempotent; does not throw. */
  async close(): Promise<void> {
    await this.#nats.close().catch(() => {})
  }

  async #watchStatus(): Promise<void> {
    for await (const { type, permissionContext } of this.#nats.status()) {
      if (type === 'disconnect') this.#down()
      else if (type === 'reconnect') this.#up()
      else if (permissionContext) {
        this.#tell({ kind: 'denied', error: permissionError(permissionContext), subject: permissionContext.subject })
      }
    }
  }

  async #watchEnd(): Promise<void> {
    const reason = await this.#nats.closed()
    this.#isUp = false
    this.#tell({ kind: 'closed', error: natsError(reason ?? new Error('the connection was closed'), this.where) })
    this.#listeners.clear()
  }

  #down(): void {
    if (!this.#isUp || this.isClosed) return
    this.#isUp = false
    this.#logger.warn({ servers: this.where }, 'NATS connection lost, reconnecting')
    this.#tell({ kind: 'lost' })
  }

  #up(): void {
    this.#isUp = true
    this.#logger.info({ servers: this.where }, 'NATS connection is back')
    this.#tell({ kind: 'back' })
  }

  #tell(event: ConnectionEvent): void {
    for (const listener of [...this.#listeners]) listener(event)
  }
}

function clientOptions(settings: ConnectionSettings, library: Nats): ConnectionOptions {
  const { servers, clientName, timeoutMs, tls, credentials } = settings
  return {
    servers: [...servers],
    name: clientName,
    timeout: timeoutMs,
    maxReconnectAttempts: -1,
    reconnectTimeWait: reconnectWaitMs,
    pingInterval: pingIntervalMs,
    noAsyncTraces: true,
    ...(tls && { tls }),
    ...(credentials && login(credentials, library)),
  }
}

function login(credentials: NatsCredentials, library: Nats): ConnectionOptions {
  if ('creds' in credentials) return { authenticator: fromCreds(() => credentials.creds, library) }
  if ('credsFile' in credentials)
    return { authenticator: fromCreds(() => readFileSync(credentials.credsFile), library) }
  return 'token' in credentials ? { token: credentials.token } : { user: credentials.user, pass: credentials.password }
}

function fromCreds(read: () => string | Uint8Array, library: Nats): Authenticator {
  return library.credsAuthenticator(() => {
    const creds = read()
    return typeof creds === 'string' ? new TextEncoder().encode(creds) : creds
  })
}
