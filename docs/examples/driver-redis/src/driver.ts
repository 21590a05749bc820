import { type Driver, EdsError, type EventBatch, type WriteResult, withSignals, written } from '@eds/core'
import type { RedisConfig } from './config.js'
import { encodeEntries } from './encode.js'
import { toStoreError } from './errors.js'
import { type Store, storeNamed } from './store.js'

/** Appends events to a store. The only file that does I/O; it repeats nothing, because the pipeline does. */
export class RedisDriver implements Driver {
  readonly #config: RedisConfig
  readonly #place: string
  #store: Store | undefined
  #closing = new AbortController()

  constructor(config: RedisConfig) {
    this.#config = config
    this.#place = `Redis (${config.store})`
  }

  async connect(signal: AbortSignal): Promise<void> {
    await this.close()
    this.#closing = new AbortController()
    // A real client library is heavy: import it here, so that listing drivers stays quick.
    const store = storeNamed(this.#config.store)
    await this.#call(signal, (either) => store.login(this.#config.password ?? '', either))
    this.#store = store
  }

  async write({ events }: EventBatch, signal: AbortSignal): Promise<WriteResult> {
    const store = this.#store
    if (store === undefined) throw new EdsError('connection', `${this.#place} is not connected`)
    const entries = encodeEntries(events, this.#config.maxEventBytes)
    await this.#call(signal, (either) => store.append(entries, either))
    return written
  }

  async close(): Promise<void> {
    this.#closing.abort()
    this.#store = undefined
  }

  /** Ends a call when the pipeline asks for it, when the driver is closed, and when it takes too long. */
  async #call(signal: AbortSignal, call: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const signals = [signal, this.#closing.signal, AbortSignal.timeout(this.#config.timeoutMs)]
    try {
      await withSignals(signals, call)
    } catch (error) {
      throw toStoreError(error, this.#place)
    }
  }
}
