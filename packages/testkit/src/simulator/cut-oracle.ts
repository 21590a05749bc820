import type { EventBatch, Position } from '@eds/core'

interface Cut {
  readonly first: Position
  readonly last: Position
}

/**
 * Watches a sink that must be sent the same batches again after a crash. Batches within a cut are fine (isolation); a batch across its
 * end, or another one in its place after a restart, is not.
 */
export class CutOracle {
  #cut: Cut | undefined
  #restarted = false

  /** A new process begins behind this position. */
  restart(after: Position | undefined): void {
    this.#restarted = this.#cut !== undefined && this.#cut.last > (after ?? '')
  }

  /** Notes a batch. Returns what is wrong with its cut. */
  check({ first, last }: EventBatch): string | undefined {
    const cut = this.#cut
    if (cut === undefined || first > cut.last) {
      this.#cut = { first, last }
      this.#restarted = false
      return undefined
    }
    if (last < cut.first) return undefined
    const isSame = first === cut.first && last === cut.last
    const isWithin = first >= cut.first && last <= cut.last
    if (isSame) this.#restarted = false
    if (isSame || (isWithin && !this.#restarted)) return undefined
    return `the batch ${first} to ${last} does not repeat the cut ${cut.first} to ${cut.last}`
  }
}
