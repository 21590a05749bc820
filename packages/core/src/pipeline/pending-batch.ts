import type { EventBatch } from '../driver.js'
import type { EdsError } from '../errors.js'
import type { ChangeEvent } from '../event.js'
import type { Position } from '../position.js'
import type { Delivery } from '../source.js'

/** A delivery that cannot be written, and where in the batch it stood. */
export interface Rejected {
  readonly delivery: Delivery
  /** Absent when the bytes could not be decoded. */
  readonly event?: ChangeEvent
  readonly error: EdsError
  /** How many events of the batch come before it. */
  readonly at: number
}

/** What was read and waits to be written: consecutive deliveries, decoded. Grows until it is dispatched. */
export class PendingBatch {
  readonly events: ChangeEvent[] = []
  readonly rejected: Rejected[] = []
  bytes = 0
  deliveries = 0
  skipped = 0
  /** True when a table and version occurs that the destination was not prepared for. */
  unprepared = false
  /** When the first delivery was read, by the lane's clock. */
  readonly readAt: number
  #first: Delivery | undefined
  #last: Delivery | undefined

  constructor(readAt: number) {
    this.readAt = readAt
  }

  addEvent(delivery: Delivery, event: ChangeEvent): void {
    this.#count(delivery, event.bytes.length)
    this.events.push(event)
  }

  addRejected(delivery: Delivery, error: EdsError, event?: ChangeEvent): void {
    this.#count(delivery, delivery.bytes.length)
    this.rejected.push({ delivery, error, at: this.events.length, ...(event && { event }) })
  }

  addSkipped(delivery: Delivery): void {
    this.#count(delivery, 0)
    this.skipped++
  }

  #count(delivery: Delivery, bytes: number): void {
    this.#first ??= delivery
    this.#last = delivery
    this.bytes += bytes
    this.deliveries++
  }

  get empty(): boolean {
    return this.#last === undefined
  }

  get first(): Delivery {
    return present(this.#first)
  }

  get last(): Delivery {
    return present(this.#last)
  }

  /** The batch as a driver sees it. Only for a batch that holds events. */
  toEventBatch(): EventBatch {
    return { events: this.events, bytes: this.bytes, first: this.first.position, last: this.last.position }
  }
}

/** Some events of a batch as a batch of their own; `cut` widens its ends where the whole batch is meant. */
export function batchOf(
  events: readonly ChangeEvent[],
  cut?: { readonly first: Position; readonly last: Position },
): EventBatch {
  let bytes = 0
  for (const event of events) bytes += event.bytes.length
  return {
    events,
    bytes,
    first: cut?.first ?? present(events[0]).position,
    last: cut?.last ?? present(events.at(-1)).position,
  }
}

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new TypeError('the batch is empty')
  return value
}
