import type { Clock } from '@eds/core'

const intervalMs = 500

/**
 * Records the newest acknowledged position, at most every half second, and always at the end: the pipeline keeps its own position, and a
 * statement per batch would cost the database more than the batch.
 */
export class Acknowledger {
  readonly #record: (position: string) => Promise<void>
  readonly #clock: Clock
  #pending: string | undefined
  #recordedAt = 0
  #later: Promise<void> | undefined
  readonly #closing = new AbortController()

  constructor(record: (position: string) => Promise<void>, clock: Clock) {
    this.#record = record
    this.#clock = clock
  }

  async acknowledge(position: string): Promise<void> {
    this.#pending = position
    const waitMs = this.#recordedAt + intervalMs - this.#clock.now()
    if (waitMs <= 0) await this.flush()
    else if (this.#later === undefined) this.#later = this.#flushIn(waitMs)
  }

  async flush(): Promise<void> {
    const position = this.#pending
    if (position === undefined) return
    this.#pending = undefined
    this.#recordedAt = this.#clock.now()
    await this.#record(position)
  }

  /** Records the last one too, and ends the waiting. Does not throw: a position that cannot be recorded comes again. */
  async close(): Promise<void> {
    this.#closing.abort()
    await this.#later
    await this.flush().catch(() => {})
  }

  async #flushIn(waitMs: number): Promise<void> {
    await this.#clock.sleep(waitMs, this.#closing.signal)
    this.#later = undefined
    // What breaks here breaks the reader as well, which says so.
    await this.flush().catch(() => {})
  }
}
