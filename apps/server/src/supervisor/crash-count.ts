/** More crashes than these, and the supervisor gives up. */
const maxCrashes = 5
/** Who has run for so long is well again: earlier crashes no longer count. */
const healthyMs = 60 * 60_000
const firstWaitMs = 500
const longestWaitMs = 30_000

/** Counts the crashes of a worker and says what follows from each. */
export class CrashCount {
  #crashes = 0

  /** Crashes that count. */
  get crashes(): number {
    return this.#crashes
  }

  /**
   * One more crash.
   *
   * @param ranMs - how long the worker had been delivering
   * @returns how long to wait before the next start, milliseconds; `undefined` to give up
   */
  crashed(ranMs: number): number | undefined {
    this.#crashes = ranMs >= healthyMs ? 1 : this.#crashes + 1
    if (this.#crashes > maxCrashes) return undefined
    return Math.min(longestWaitMs, firstWaitMs * 2 ** (this.#crashes - 1))
  }
}
