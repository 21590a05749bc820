const compactAbove = 4096

/**
 * Messages that were received and not yet acknowledged, in stream order: sequence, time and reply subject of each, never the
 * payload. Bounded by the consumer's limit of pending acknowledgements.
 */
export class Outstanding {
  #sequences: number[] = []
  #times: number[] = []
  /** Empty: the consumer that delivered it is gone, and the new one has not brought it again yet. */
  #replies: string[] = []
  #head = 0

  get size(): number {
    return this.#sequences.length - this.#head
  }

  /** The newest one's sequence. */
  get last(): number | undefined {
    return this.size > 0 ? this.#sequences.at(-1) : undefined
  }

  push(sequence: number, time: number, reply: string): void {
    this.#sequences.push(sequence)
    this.#times.push(time)
    this.#replies.push(reply)
  }

  /** A message came again: takes its new reply subject. False when it is not one of those received before. */
  confirm(sequence: number, time: number, reply: string): boolean {
    const index = this.#after(sequence) - 1
    if (index < this.#head || this.#sequences[index] !== sequence || this.#times[index] !== time) return false
    this.#replies[index] = reply
    return true
  }

  /** Takes out everything up to and including `through`; returns the reply subjects that are known, oldest first. */
  settle(through: number): string[] {
    const end = this.#after(through)
    const replies = this.#replies.slice(this.#head, end).filter((reply) => reply !== '')
    this.#head = end
    this.#compact()
    return replies
  }

  /** The reply subjects up to and including `through`, oldest first. */
  replies(through: number): string[] {
    return this.#replies.slice(this.#head, this.#after(through)).filter((reply) => reply !== '')
  }

  /** The consumer is gone: what came after `through` will come again as new, the rest under new reply subjects. */
  restart(through: number): void {
    const end = this.#after(through)
    for (const list of [this.#sequences, this.#times, this.#replies]) list.length = end
    this.#replies.fill('', this.#head)
  }

  /** Index of the first one after `sequence`. */
  #after(sequence: number): number {
    let low = this.#head
    let high = this.#sequences.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#sequences[middle] ?? 0) > sequence) high = middle
      else low = middle + 1
    }
    return low
  }

  #compact(): void {
    if (this.#head < compactAbove || this.#head * 2 < this.#sequences.length) return
    this.#sequences = this.#sequences.slice(this.#head)
    this.#times = this.#times.slice(this.#head)
    this.#replies = this.#replies.slice(this.#head)
    this.#head = 0
  }
}
