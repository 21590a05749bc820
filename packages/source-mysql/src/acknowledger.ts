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

  constructor(record: (position: string) => Promise<void>, clock: Clock) {
    this.#record = record
    this.#clock = clock
  }

  async acknowledge(position: string): Promise<void> {
    this.#pending = position
    if (this.#clock.now() - this.#recordedAt >= intervalMs) await this.flush()
  }

  /** Records what is not yet recorded, when it is time. Called while nothing else happens. */
  async tick(): Promise<void> {
    if (this.#pending !== undefined && this.#clock.now() - this.#recordedAt >= intervalMs) await this.flush()
  }

  async flush(): Promise<void> {
    const position = this.#pending
    if (position === undefined) return
    this.#pending = undefined
    this.#recordedAt = this.#clock.now()
    await this.#record(position)
  }
}
