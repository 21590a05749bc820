import {
  type ChangeEvent,
  type Driver,
  type DriverContext,
  type EdsError,
  type EventBatch,
  memoryState,
  padSequence,
  type Sink,
  systemClock,
  toEdsError,
} from '@eds/core'
import type { SyncMessage } from './message.js'
import { syncChangeEvent, syncTableSchema } from './message-row.js'
import { silentLogger } from './silent-logger.js'

/** Sends synchronisation messages through any driver. */
export interface DriverSender {
  /** For `openSync`. Messages that come while others are being written go into the next batch, together. */
  readonly send: (message: SyncMessage, signal: AbortSignal) => Promise<void>
  /**
   * Connects, so that the first message need not wait for it. Does not throw: resolves to what is wrong, if something is; the next message
   * tries again.
   */
  readonly connect: () => Promise<EdsError | undefined>
  /** Idempotent. */
  readonly close: () => Promise<void>
}

interface Waiting {
  readonly event: ChangeEvent
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/**
 * `sink`: of `sink(definition, url)`. Connects with the first message unless it is told to before, and again after an error; makes
 * the table of the messages where the destination has tables. What the context does not say:
 * the system's clock, silence, and a state that ends with the process.
 */
export function driverSender({ name, definition, config }: Sink, context: Partial<DriverContext> = {}): DriverSender {
  const driver = definition.create(config, { ...defaultContext(name), ...context })
  return new BatchingSender(driver, definition.traits(config).maxBatchEvents)
}

function defaultContext(sink: string): DriverContext {
  return {
    sink,
    session: 'sync',
    logger: silentLogger,
    clock: systemClock,
    random: Math.random,
    metrics: { count: () => {} },
    state: memoryState(),
  }
}

class BatchingSender implements DriverSender {
  readonly #driver: Driver
  readonly #maxEvents: number
  readonly #stop = new AbortController()
  #waiting: Waiting[] = []
  #running: Promise<void> | undefined
  #connected: Promise<void> | undefined
  readonly #preparedTables = new Set<string>()
  #count = 0

  constructor(driver: Driver, maxEvents: number) {
    this.#driver = driver
    this.#maxEvents = maxEvents
  }

  readonly send = (message: SyncMessage): Promise<void> =>
    new Promise((resolve, reject) => {
      this.#waiting.push({ event: syncChangeEvent(message, padSequence(++this.#count)), resolve, reject })
      this.#running ??= this.#run()
    })

  readonly connect = async (): Promise<EdsError | undefined> => {
    const connected = this.#connect()
    try {
      await connected
      return undefined
    } catch (error) {
      if (this.#connected === connected) this.#forgetConnection()
      return toEdsError(error)
    }
  }

  readonly close = async (): Promise<void> => {
    this.#stop.abort()
    await this.#running
    await this.#driver.close()
  }

  async #run(): Promise<void> {
    // What is sent in the same turn goes together.
    await Promise.resolve()
    while (this.#waiting.length > 0) await this.#write(this.#waiting.splice(0, this.#maxEvents))
    this.#running = undefined
  }

  async #write(batch: readonly Waiting[]): Promise<void> {
    try {
      await this.#connect()
      await this.#prepare(batch)
      const { failures = [] } = await this.#driver.write(batchOf(batch), this.#stop.signal)
      for (const { index, error } of failures) batch[index]?.reject(error)
      for (const { resolve } of batch) resolve()
    } catch (error) {
      this.#forgetConnection()
      for (const { reject } of batch) reject(error)
    }
  }

  #connect(): Promise<void> {
    this.#connected ??= this.#driver.connect(this.#stop.signal)
    return this.#connected
  }

  async #prepare(batch: readonly Waiting[]): Promise<void> {
    const { schema } = this.#driver
    if (schema === undefined) return
    const tables = new Set(batch.map(({ event }) => event.table))
    const missing = [...tables].filter((table) => !this.#preparedTables.has(table))
    if (missing.length === 0) return
    await schema.prepare(missing.map(syncTableSchema), this.#stop.signal)
    for (const table of missing) this.#preparedTables.add(table)
  }

  /** The next message connects, and looks at its table again: what went wrong may be that it has changed. */
  #forgetConnection(): void {
    this.#connected = undefined
    this.#preparedTables.clear()
  }
}

function batchOf(waiting: readonly Waiting[]): EventBatch {
  const events = waiting.map(({ event }) => event)
  const bytes = events.reduce((sum, event) => sum + event.bytes.length, 0)
  return { events, bytes, first: events[0]?.position ?? '', last: events.at(-1)?.position ?? '' }
}
