import type { Clock } from '@eds/core'

const hourMs = 3_600_000

/** Forgets deleted keys that are older than any change that can still come again. Looks once an hour. */
export class TombstoneSweeper {
  readonly #days: number
  readonly #clock: Clock
  #next = 0

  constructor(days: number, clock: Clock) {
    this.#days = days
    this.#clock = clock
  }

  /** `forgetBefore` deletes the tombstones made before an instant (RFC 3339, UTC); called when it is time. */
  async sweep(forgetBefore: (instant: string) => Promise<void>): Promise<void> {
    const now = this.#clock.now()
    if (now < this.#next) return
    await forgetBefore(new Date(now - this.#days * 24 * hourMs).toISOString())
    this.#next = now + hourMs
  }
}
