import { type Driver, EdsError, type EventBatch, type WriteResult, withDeadline, withSignals, written } from '@eds/core'
import type { RedisConfig } from './config.js'
import { type Connection, openConnection } from './connection.js'
import { encodeCommand } from './encode.js'
import { toRedisError } from './errors.js'

/** Appends each batch in one transaction, which Redis runs as a whole and in order. It repeats nothing, because the pipeline does. */
export class RedisDriver implements Driver {
  readonly #config: RedisConfig
  readonly #place: string
  #connection: Connection | undefined
  #closing = new AbortController()

  constructor(config: RedisConfig) {
    this.#config = config
    this.#place = `Redis (${config.host}:${config.port})`
  }

  async connect(signal: AbortSignal): Promise<void> {
    await this.close()
    this.#closing = new AbortController()
    const connection = await openConnection(this.#config)
    this.#connection = connection
    await this.#call(connection, signal, () => connection.connect())
  }

  async write({ events }: EventBatch, signal: AbortSignal): Promise<WriteResult> {
    const connection = this.#connection
    if (connection === undefined) throw new EdsError('connection', `${this.#place} is not connected`)
    const commands = events.map((event) => encodeCommand(event, this.#config))
    await this.#call(connection, signal, () => connection.transact(commands))
    return written
  }

  async close(): Promise<void> {
    this.#closing.abort()
    this.#connection?.destroy()
    this.#connection = undefined
  }

  /** Ends a call, and its connection, when the pipeline asks for it, when the driver is closed, and when it takes too long. */
  async #call(connection: Connection, signal: AbortSignal, call: () => Promise<unknown>): Promise<void> {
    const { timeoutMs } = this.#config
    const deadline = { timeoutMs, what: this.#place, fix: 'raise timeoutMs' }
    try {
      await withSignals([signal, this.#closing.signal], (either) => withDeadline(call, { ...deadline, signal: either }))
    } catch (error) {
      // What was sent and not answered must not be answered to somebody else.
      connection.destroy()
      throw toRedisError(error, this.#place)
    }
  }
}
