import type { Position } from '../position.js'
import type { DeadLetterOutcome } from './types.js'

/** So many reasons are given at most: there may be a hundred thousand, and the log has them all. */
const maxReasons = 10

/** Counts what becomes of letters. */
export class LetterTally {
  #applied = 0
  #failed = 0
  #skipped = 0
  readonly #failures: { id: Position; reason: string }[] = []
  readonly #skippedBehind: Position[] = []

  applied(): void {
    this.#applied++
  }

  failed(id: Position, reason: string): void {
    this.#failed++
    if (this.#failures.length < maxReasons) this.#failures.push({ id, reason })
  }

  skipped(): void {
    this.#skipped++
  }

  skippedBehind(id: Position): void {
    this.#skipped++
    this.#skippedBehind.push(id)
  }

  outcome(unknown: readonly Position[] = []): DeadLetterOutcome {
    return {
      applied: this.#applied,
      failed: this.#failed,
      skipped: this.#skipped,
      failures: this.#failures,
      skippedBehind: this.#skippedBehind,
      unknown,
    }
  }
}
