import type { EventDataBatch } from '@azure/event-hubs'
import type { ChangeEvent, EdsError, WriteFailure } from '@eds/core'
import { encodeEvent, type SendRun, type SendUnit } from './encode.js'
import { behindFailedError, toEventHubError, tooLargeError } from './errors.js'

/** What sending needs of the connection. */
export interface BatchTransport {
  createBatch(partitionKey: string): Promise<EventDataBatch>
  send(batch: EventDataBatch): Promise<void>
}

/**
 * Sends a batch's units, several at a time, each strictly in order: the next transfer of a unit goes out only when the service has
 * accepted the one before. After the first failure that is not an event's own, no further transfer begins.
 */
export class BatchSender {
  readonly #events: readonly ChangeEvent[]
  readonly #transport: BatchTransport
  readonly #failures: WriteFailure[] = []
  readonly #failedRows = new Set<string>()
  #fault: EdsError | undefined

  constructor(events: readonly ChangeEvent[], transport: BatchTransport) {
    this.#events = events
    this.#transport = transport
  }

  /** Settles when nothing is under way any more. Resolves with the events that can never be sent. */
  async send(units: readonly SendUnit[], parallel: number): Promise<readonly WriteFailure[]> {
    const queue = units.values()
    const work = async () => {
      for (const unit of queue) {
        if (this.#fault !== undefined) return
        await this.#sendUnit(unit).catch((error: unknown) => {
          this.#fault ??= toEventHubError(error)
        })
      }
    }
    await Promise.all(Array.from({ length: Math.min(parallel, units.length) }, work))
    if (this.#fault !== undefined) throw this.#fault
    return this.#failures
  }

  async #sendUnit({ runs }: SendUnit): Promise<void> {
    for (const run of runs) await this.#sendRun(run)
  }

  async #sendRun({ partitionKey, indexes }: SendRun): Promise<void> {
    let batch = await this.#transport.createBatch(partitionKey)
    let packed: number[] = []
    for (const index of indexes) {
      const event = this.#events[index]
      if (event === undefined || this.#isBehindFailure(index, event)) continue
      const encoded = encodeEvent(event)
      if (!batch.tryAdd(encoded) && packed.length > 0) {
        await this.#sendPacked(batch, packed)
        batch = await this.#transport.createBatch(partitionKey)
        packed = []
        if (this.#isBehindFailure(index, event)) continue
        if (!batch.tryAdd(encoded)) {
          this.#fail(index, tooLargeError(event.bytes.length, batch.maxSizeInBytes))
          continue
        }
      } else if (batch.count === 0) {
        this.#fail(index, tooLargeError(event.bytes.length, batch.maxSizeInBytes))
        continue
      }
      packed.push(index)
    }
    if (packed.length > 0) await this.#sendPacked(batch, packed)
  }

  async #sendPacked(batch: EventDataBatch, packed: readonly number[]): Promise<void> {
    if (this.#fault !== undefined) throw this.#fault
    try {
      await this.#transport.send(batch)
    } catch (error) {
      const known = toEventHubError(error)
      const [only] = packed
      // Of several events it is not known which one the service minds: rejecting lets the pipeline find out.
      if (known.code !== 'record' || only === undefined || packed.length > 1) throw known
      this.#fail(only, known)
    }
  }

  /** Nothing of a row goes out after an event of it that was refused. */
  #isBehindFailure(index: number, { rowKey }: ChangeEvent): boolean {
    if (!this.#failedRows.has(rowKey)) return false
    this.#fail(index, behindFailedError())
    return true
  }

  #fail(index: number, error: EdsError): void {
    const event = this.#events[index]
    if (event !== undefined) this.#failedRows.add(event.rowKey)
    this.#failures.push({ index, error })
  }
}
