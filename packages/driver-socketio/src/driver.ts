import { setImmediate } from 'node:timers/promises'
import {
  type ChangeEvent,
  type Driver,
  type DriverContext,
  EdsError,
  type EventBatch,
  type WriteResult,
  written,
} from '@eds/core'
import type { SocketioConfig } from './config.js'
import { audienceOf, encodeChange, publicationOf, routeEvent } from './delivery/encode.js'
import { compileRules, rulesOf, type TableRules } from './delivery/rules.js'
import type { ChangeMessage } from './events.js'
import { sizeOf } from './server/answer-event.js'
import { Gateway } from './server/gateway.js'
import type { SocketioHooks } from './socketio.js'

/** Sends changes to sockets. Durable means here: handed to whoever is connected and may see it. */
export class SocketioDriver implements Driver {
  readonly #config: SocketioConfig
  readonly #context: DriverContext
  readonly #hooks: SocketioHooks
  readonly #rules: ReadonlyMap<string, TableRules>
  #gateway: Gateway | undefined
  #slowBefore = 0

  constructor(config: SocketioConfig, context: DriverContext, hooks: SocketioHooks) {
    this.#config = config
    this.#context = context
    this.#hooks = hooks
    this.#rules = compileRules(config.routing, config.filters)
  }

  /** Port of a server of its own, while connected. */
  get port(): number | undefined {
    return this.#gateway?.port
  }

  async connect(signal: AbortSignal): Promise<void> {
    await this.close()
    this.#gateway = await Gateway.open({ config: this.#config, context: this.#context, hooks: this.#hooks }, signal)
  }

  async write({ events }: EventBatch, signal: AbortSignal): Promise<WriteResult> {
    const gateway = this.#gateway
    if (gateway === undefined) throw new EdsError('connection', 'the socket.io driver is not connected')
    for (const event of events) this.#send(gateway, event)
    this.#report(gateway)
    // Lets the sockets send, and those that are slow be noticed, before more comes.
    await setImmediate()
    await gateway.crowd.relief(this.#context.clock, signal)
    return written
  }

  async close(): Promise<void> {
    const gateway = this.#gateway
    this.#gateway = undefined
    this.#slowBefore = 0
    await gateway?.close()
  }

  /** Past the pipeline; resolves with the number of sockets. `userId` `*`: all. */
  async publish(message: ChangeMessage, userId: string): Promise<number> {
    const count = await this.receivers(userId)
    this.#gateway?.fanOut.send(audienceOf(userId), message, sizeOf(message))
    return count
  }

  /** Sockets of the user, or all with `*`. */
  async receivers(userId: string): Promise<number> {
    return (await this.#gateway?.fanOut.receivers(audienceOf(userId))) ?? 0
  }

  #send({ fanOut }: Gateway, event: ChangeEvent): void {
    const rules = rulesOf(this.#rules, event.table)
    const publication = publicationOf(event)
    const audience = publication?.audience ?? routeEvent(event, rules)
    if (audience.length === 0) return
    const change = encodeChange(event, rules, this.#config)
    const { source, version } = publication ?? {}
    const message =
      source === undefined ? change : { ...change, source, version: version ?? 1, source_type: 'api' as const }
    fanOut.send(audience, message, event.bytes.byteLength)
  }

  #report({ crowd }: Gateway): void {
    const slow = crowd.slow - this.#slowBefore
    if (slow === 0) return
    this.#slowBefore = crowd.slow
    this.#context.metrics.count('socketio_slow_clients', slow)
    this.#context.logger.warn({ clients: slow, policy: this.#config.slowClients }, 'clients do not keep up')
  }
}
