import { EdsError } from '@eds/core'

export interface StoredMessage {
  /** From 1, without gaps. */
  readonly sequence: number
  /** Epoch milliseconds. */
  readonly time: number
  readonly bytes: Uint8Array
}

/** An ordered stream in memory, with durable cursors: what the reference source reads. Stands for a server, so it can be out of reach. */
export class MemoryStream {
  readonly #cursors = new Map<string, number>()
  readonly #waiters = new Set<() => void>()
  #messages: StoredMessage[] = []
  #last = 0
  #reachable = true
  #pulled = 0

  /** Takes the stream out of reach, as if the network were down, and brings it back. For the suite's `connection` option. */
  readonly connection = {
    break: async () => {
      this.#reachable = false
      this.#wake()
    },
    restore: async () => {
      this.#reachable = true
    },
  }

  /** Throws `connection` when the stream is out of reach. */
  ping(): void {
    if (!this.#reachable) throw new EdsError('connection', 'the memory stream is out of reach')
  }

  publish(messages: readonly Uint8Array[]): void {
    for (const bytes of messages) this.#messages.push({ sequence: ++this.#last, time: Date.now(), bytes })
    this.#wake()
  }

  /** Makes the stream anew: empty, without cursors. */
  reset(): void {
    this.#messages = []
    this.#cursors.clear()
    this.#last = 0
    this.#pulled = 0
  }

  /** Retention: drops all messages but the last `keep`. */
  loseOldest(keep: number): void {
    this.#messages = this.#messages.slice(-keep)
  }

  /** Sequences of the oldest and newest message; of an empty stream the next and the last one. */
  get bounds(): { readonly first: number; readonly last: number } {
    return { first: this.#messages[0]?.sequence ?? this.#last + 1, last: this.#last }
  }

  /** How many messages have been handed out. */
  get pulled(): number {
    return this.#pulled
  }

  /** The first sequence that was stored at or after a time. */
  sequenceAt(time: number): number {
    return this.#messages.find((message) => message.time >= time)?.sequence ?? this.#last + 1
  }

  /** Up to `limit` messages from a sequence on; empty when there are none yet. */
  read(from: number, limit: number): readonly StoredMessage[] {
    this.ping()
    const { first } = this.bounds
    const found = this.#messages.slice(from - first, from - first + limit)
    this.#pulled += found.length
    return found
  }

  /** Resolves when something was published, the stream went out of reach, or the signal aborts. */
  changed(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        this.#waiters.delete(done)
        signal.removeEventListener('abort', done)
        resolve()
      }
      this.#waiters.add(done)
      signal.addEventListener('abort', done)
      if (signal.aborted) done()
    })
  }

  /** The last acknowledged sequence of a cursor. */
  cursor(name: string): number | undefined {
    return this.#cursors.get(name)
  }

  acknowledge(name: string, sequence: number): void {
    this.ping()
    this.#cursors.set(name, sequence)
  }

  forget(name: string): void {
    this.#cursors.delete(name)
  }

  #wake(): void {
    for (const wake of [...this.#waiters]) wake()
  }
}
