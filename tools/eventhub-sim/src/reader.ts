import rhea, { type Sender } from 'rhea'
import type { EventStore, StoredEvent } from './event-store.js'
import { startOf } from './position-filter.js'

const selectorName = 'apache.org:selector-filter:string'

/** One receiver link of a client: gives it the events of a partition as its credit allows. */
export class Reader {
  readonly #sender: Sender
  readonly #store: EventStore
  readonly #partition: number
  #next: number

  private constructor(sender: Sender, store: EventStore, partition: number, next: number) {
    this.#sender = sender
    this.#store = store
    this.#partition = partition
    this.#next = next
  }

  /** `undefined` when the client's filter cannot be read. */
  static open(sender: Sender, store: EventStore, partition: number): Reader | undefined {
    const next = startOf(selectorOf(sender), store.partition(partition))
    return next === undefined ? undefined : new Reader(sender, store, partition, next)
  }

  /** Sends what is there and fits the credit. */
  pump(): void {
    const events = this.#store.partition(this.#partition)
    while (this.#sender.sendable()) {
      const event = events[this.#next]
      if (event === undefined) return
      this.#sender.send(annotate(event))
      this.#next++
    }
  }
}

/** The filter is a described string, which the library wraps once or twice. */
function selectorOf(sender: Sender): string {
  let filter: unknown = sender.source.filter?.[selectorName]
  while (typeof filter === 'object' && filter !== null && 'value' in filter) filter = filter.value
  return typeof filter === 'string' ? filter : "amqp.annotation.x-opt-offset > '-1'"
}

function annotate(event: StoredEvent): Parameters<Sender['send']>[0] {
  const message = rhea.message.decode(event.encoded)
  const own = {
    'x-opt-sequence-number': rhea.types.wrap_long(event.sequenceNumber),
    'x-opt-offset': event.offset,
    'x-opt-enqueued-time': rhea.types.wrap_timestamp(event.enqueuedTime),
  }
  const key = event.partitionKey === undefined ? {} : { 'x-opt-partition-key': event.partitionKey }
  return { ...message, body: message.body, message_annotations: { ...message.message_annotations, ...own, ...key } }
}
