/** A transaction that was read to its end. */
interface Ended {
  readonly at: bigint
  /** Place of its last event; -1 when it had none for us. */
  readonly last: number
  readonly end: bigint
}

/** Decides how far the server may forget its log: never into a transaction that is not wholly acknowledged. Pure. */
export class ReleaseLedger {
  readonly #ended: Ended[] = []
  #isOpen = false
  #end = 0n
  #acknowledged = { at: 0n, index: -1 }

  /** Everything before this place of the log is done with. */
  get end(): bigint {
    return this.#end
  }

  begin(): void {
    this.#isOpen = true
  }

  commit(transaction: Ended): void {
    this.#isOpen = false
    this.#ended.push(transaction)
    this.#settle()
  }

  /** The server is this far, and sent everything before that is for us. */
  alive(end: bigint): void {
    if (!this.#isOpen && this.#ended.length === 0 && end > this.#end) this.#end = end
  }

  acknowledge(at: bigint, index: number): void {
    this.#acknowledged = { at, index }
    this.#settle()
  }

  /** Transactions without events need no acknowledgement once nothing in front of them does. */
  #settle(): void {
    const { at, index } = this.#acknowledged
    for (let [first] = this.#ended; first; [first] = this.#ended) {
      const isDone = first.last === -1 || first.at < at || (first.at === at && first.last <= index)
      if (!isDone) return
      this.#ended.shift()
      if (first.end > this.#end) this.#end = first.end
    }
  }
}
