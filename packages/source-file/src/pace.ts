import { type Clock, EdsError } from '@eds/core'

/** Without a rate: as many events in a chunk as are at hand, up to this. */
const maxChunkEvents = 1_000
/** With a rate: so often a chunk, so that a steady stream is steady within a fraction of a second. */
const chunkIntervalMs = 20
/** How much of the time in which nobody asked may be made up for. */
const maxDebtMs = 100

/** Holds back chunks of events so that they do not go faster than a rate. Time is spent per chunk, not per event. */
export class Pace {
  /** A chunk should hold no more events. */
  readonly chunkEvents: number
  readonly #rate: number | undefined
  readonly #clock: Clock
  /** When the next chunk may go, epoch milliseconds. */
  #due = 0

  /** @param rate events per second; `undefined` for as fast as it goes. */
  constructor(rate: number | undefined, clock: Clock) {
    if (rate !== undefined && !(rate > 0 && Number.isFinite(rate))) {
      throw new EdsError('configuration', `the rate is ${rate}`, { fix: 'give a number of events per second above 0' })
    }
    this.#rate = rate
    this.#clock = clock
    const perInterval = rate === undefined ? maxChunkEvents : Math.ceil((rate * chunkIntervalMs) / 1_000)
    this.chunkEvents = Math.min(maxChunkEvents, perInterval)
  }

  /** Resolves when a chunk of so many events may go, or at once when the signal aborts. */
  async wait(events: number, signal: AbortSignal): Promise<void> {
    if (this.#rate === undefined) return
    const now = this.#clock.now()
    const due = Math.max(this.#due, now - maxDebtMs)
    this.#due = due + (events / this.#rate) * 1_000
    if (due > now) await this.#clock.sleep(due - now, signal)
  }
}
