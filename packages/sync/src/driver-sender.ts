import {
  type ChangeEvent,
  type Driver,
  type DriverContext,
  type EventBatch,
  type JsonObject,
  memoryState,
  padSequence,
  type Sink,
  systemClock,
} from '@eds/core'
import type { SyncMessage } from './message.js'
import { silentLogger } from './silent-logger.js'

/** Sends synchronisation messages through any driver. */
export interface DriverSender {
  /** For `openSync`. Messages that come while others are being written go into the next batch, together. */
  readonly send: (message: SyncMessage, signal: AbortSignal) => Promise<void>
  /** Idempotent. */
  readonly close: () => Promise<void>
}

interface Waiting {
  readonly event: ChangeEvent
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/**
 * The message as an event that any driver takes: the INSERT of a row with the message's columns into the table that the service's name
 * gives, keyed by the message's id. Its bytes are the message's JSON, so that drivers that send bytes (Pub/Sub, Kafka, files) publish
 * exactly what EventSync does.
 */
export function syncChangeEvent(message: SyncMessage, position: string): ChangeEvent {
  const { eventID, serviceName, date } = message
  const timestamp = Date.parse(date)
  return {
    operation: 'INSERT',
    id: eventID,
    table: serviceName,
    key: [eventID],
    modelVersion: '1',
    // A message is plain JSON.
    after: message as unknown as JsonObject,
    timestamp,
    mvccTimestamp: `${timestamp}000000.0`,
    position,
    bytes: Buffer.from(JSON.stringify(message)),
    rowKey: eventID,
  }
}

/**
 * `sink`: of `sink(definition, url)`. Connects with the first message, and again after an error. What the context does not say:
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
  #isConnected = false
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
      if (!this.#isConnected) await this.#driver.connect(this.#stop.signal)
      this.#isConnected = true
      const { failures = [] } = await this.#driver.write(batchOf(batch), this.#stop.signal)
      for (const { index, error } of failures) batch[index]?.reject(error)
      for (const { resolve } of batch) resolve()
    } catch (error) {
      this.#isConnected = false
      for (const { reject } of batch) reject(error)
    }
  }
}

function batchOf(waiting: readonly Waiting[]): EventBatch {
  const events = waiting.map(({ event }) => event)
  const bytes = events.reduce((sum, event) => sum + event.bytes.length, 0)
  return { events, bytes, first: events[0]?.position ?? '', last: events.at(-1)?.position ?? '' }
}
