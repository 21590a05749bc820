import { type Driver, EdsError, type EventBatch, type WriteResult, withDeadline, withSignals, written } from '@eds/core'
import type { __Class__Config } from './config.js'
import { encodeEntries } from './encode.js'
import { toStoreError } from './errors.js'
import { type Store, storeNamed } from './store.js'

/** Appends events to a store. The only file that does I/O; it repeats nothing, because the pipeline does. */
export class __Class__Driver implements Driver {
  readonly #config: __Class__Config
  readonly #place: string
  #store: Store | undefined
  #closing = new AbortController()

  constructor(config: __Class__Config) {
    this.#config = config
    this.#place = `__title__ (${config.store})`
  }

  async connect(signal: AbortSignal): Promise<void> {
    await this.close()
    this.#closing = new AbortController()
    // A real client library is heavy: import it here, so that listing drivers stays quick.
    const store = storeNamed(this.#config.store)
    await this.#call(signal, () => store.login(this.#config.password ?? ''))
    this.#store = store
  }

  async write({ events }: EventBatch, signal: AbortSignal): Promise<WriteResult> {
    const store = this.#store
    if (store === undefined) throw new EdsError('connection', `${this.#place} is not connected`)
    const entries = encodeEntries(events, this.#config.maxEventBytes)
    await this.#call(signal, () => store.append(entries))
    return written
  }

  async close(): Promise<void> {
    this.#closing.abort()
    this.#store = undefined
  }

  /**
   * Ends a call when the pipeline asks for it, when the driver is closed, and when it takes too long. Few client libraries can take a call
   * back: break the connection in `giveUp` of the deadline, so that what was given up does not arrive behind its own repetition.
   */
  async #call(signal: AbortSignal, call: () => Promise<void>): Promise<void> {
    const { timeoutMs } = this.#config
    const deadline = { timeoutMs, what: this.#place, fix: 'raise timeoutMs' }
    try {
      await withSignals([signal, this.#closing.signal], (either) => withDeadline(call, { ...deadline, signal: either }))
    } catch (error) {
      throw toStoreError(error, this.#place)
    }
  }
}
