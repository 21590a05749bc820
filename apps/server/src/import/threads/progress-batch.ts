interface Counts {
  rows: number
  bytes: number
}

/** Adds up what is read of each table, so that few messages tell about many rows. */
export class ProgressBatch {
  readonly #tell: (table: string, counts: Readonly<Counts>) => void
  readonly #now: () => number
  readonly #intervalMs: number
  readonly #counts = new Map<string, Counts>()
  #toldAt: number

  /**
   * @param tell - told the sums of a table since the last time, every `intervalMs` at most
   * @param now - a clock, milliseconds
   */
  constructor(tell: (table: string, counts: Readonly<Counts>) => void, now: () => number, intervalMs = 100) {
    this.#tell = tell
    this.#now = now
    this.#intervalMs = intervalMs
    this.#toldAt = now()
  }

  add(table: string, rows: number, bytes: number): void {
    const counts = this.#counts.get(table) ?? { rows: 0, bytes: 0 }
    counts.rows += rows
    counts.bytes += bytes
    this.#counts.set(table, counts)
    if (this.#now() - this.#toldAt >= this.#intervalMs) this.flush()
  }

  /** Tells what has not been told yet. */
  flush(): void {
    for (const [table, counts] of this.#counts) this.#tell(table, counts)
    this.#counts.clear()
    this.#toldAt = this.#now()
  }
}
