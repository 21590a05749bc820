/** What was seen at one moment: how far numbers were given out, then who still held the sequence. */
export interface SequenceSight {
  readonly last: bigint
  /** Transactions that may have taken a number and have not ended. */
  readonly holders: readonly string[]
}

/**
 * Tells up to which number the outbox is complete. A number is given out before its transaction commits, so a lower one can become
 * visible after a higher one. Whoever takes a number holds a lock on the sequence until its transaction has ended, and the lock comes
 * first: when all that held it at a moment are gone, every number that was given out by then is visible, or never will be. Pure.
 */
export class SafeBound {
  #bound: bigint
  #waiting: { readonly last: bigint; holders: ReadonlySet<string> } | undefined

  constructor(bound: bigint) {
    this.#bound = bound
  }

  get bound(): bigint {
    return this.#bound
  }

  /** True while the end of a transaction is awaited. */
  get isWaiting(): boolean {
    return this.#waiting !== undefined
  }

  see({ last, holders }: SequenceSight): void {
    if (this.#waiting) {
      const former = this.#waiting.holders
      this.#waiting.holders = new Set(holders.filter((holder) => former.has(holder)))
      if (this.#waiting.holders.size === 0) this.#reach(this.#waiting.last)
    }
    if (holders.length === 0) this.#reach(last)
    else if (!this.#waiting && last > this.#bound) this.#waiting = { last, holders: new Set(holders) }
  }

  #reach(last: bigint): void {
    this.#waiting = undefined
    if (last > this.#bound) this.#bound = last
  }
}
