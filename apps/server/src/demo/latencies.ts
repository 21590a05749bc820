const growth = 1.05
const smallestMs = 0.1

/** Durations counted in buckets that grow by five per cent: percentiles of any number of events in little memory. */
export class Latencies {
  readonly #counts: number[] = []
  #total = 0

  add(milliseconds: number, events: number): void {
    const bucket = milliseconds <= smallestMs ? 0 : Math.ceil(Math.log(milliseconds / smallestMs) / Math.log(growth))
    while (this.#counts.length <= bucket) this.#counts.push(0)
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + events
    this.#total += events
  }

  /** Milliseconds that this share (0 to 1) of the events did not exceed, at most five per cent too much; 0 without events. */
  percentile(share: number): number {
    let left = Math.ceil(this.#total * share)
    for (const [bucket, count] of this.#counts.entries()) {
      left -= count
      if (left <= 0 && this.#total > 0) return smallestMs * growth ** bucket
    }
    return 0
  }
}
