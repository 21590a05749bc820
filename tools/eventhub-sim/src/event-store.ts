import { createHash } from 'node:crypto'

/** An event as it came: the encoded AMQP message, and what the hub adds to it. */
export interface StoredEvent {
  readonly partition: number
  readonly sequenceNumber: number
  readonly offset: string
  /** Epoch milliseconds. */
  readonly enqueuedTime: number
  readonly partitionKey: string | undefined
  /** The event's own message, encoded: what was in one data section of a batch. */
  readonly encoded: Buffer
}

/** The partitions of one hub, in memory. Outlives connections and the listening socket. */
export class EventStore {
  readonly #partitions: StoredEvent[][]
  readonly #next: number[]
  readonly #keep: boolean
  #roundRobin = 0

  /** Without `keep`, events are counted and forgotten. */
  constructor(partitions: number, keep: boolean) {
    this.#partitions = Array.from({ length: partitions }, () => [])
    this.#next = Array.from({ length: partitions }, () => 0)
    this.#keep = keep
  }

  get count(): number {
    return this.#partitions.length
  }

  partition(number: number): readonly StoredEvent[] {
    return this.#partitions[number] ?? []
  }

  /** How many events the partition was ever given. */
  enqueued(number: number): number {
    return this.#next[number] ?? 0
  }

  all(): StoredEvent[] {
    return this.#partitions.flat()
  }

  /** Where events with this key, or without any, go. The vendor's hash is not published; this one is as good for order. */
  choose(partitionKey: string | undefined): number {
    if (partitionKey === undefined) return this.#roundRobin++ % this.count
    return createHash('sha256').update(partitionKey).digest().readUInt32BE(0) % this.count
  }

  append(number: number, partitionKey: string | undefined, messages: readonly Buffer[]): void {
    const stored = this.#partitions[number] ?? []
    const enqueuedTime = Date.now()
    for (const encoded of messages) {
      const sequenceNumber = this.enqueued(number)
      this.#next[number] = sequenceNumber + 1
      if (!this.#keep) continue
      stored.push({
        partition: number,
        sequenceNumber,
        offset: String(sequenceNumber * 64),
        enqueuedTime,
        partitionKey,
        encoded,
      })
    }
  }
}
