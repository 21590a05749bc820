import { type EdsError, toEdsError } from '@eds/core'
import type { SyncOptions } from '@eds/sync'

/** What became of the first attempt to send a message. */
export type SentOutcome = { readonly ok: true } | { readonly ok: false; readonly error: EdsError }

/** Outcomes that are kept for those who ask late. */
const maxKept = 1_000

/**
 * Tells who set a message off when it has been sent. Needed where the platform takes the CPU away once a request is answered. As long as
 * messages cannot be sent, nobody waits: events go on being taken at their usual speed.
 */
export class SentMessages {
  readonly #outcomes = new Map<string, SentOutcome>()
  readonly #waiting = new Map<string, (outcome: SentOutcome) => void>()
  #trouble: SentOutcome | undefined

  /** The same, observed. */
  observe(send: SyncOptions['send']): SyncOptions['send'] {
    return async (message, signal, firing) => {
      try {
        await send(message, signal, firing)
        this.#settle(firing, { ok: true })
      } catch (error) {
        this.#settle(firing, { ok: false, error: toEdsError(error) })
        throw error
      }
    }
  }

  /**
   * What became of a firing's message; of the last one that was tried when that failed. `undefined` when `patience` resolves before that is
   * known.
   */
  async outcome(firing: string, patience: Promise<void>): Promise<SentOutcome | undefined> {
    const known = this.#outcomes.get(firing) ?? this.#trouble
    this.#outcomes.delete(firing)
    if (known !== undefined) return known
    const settled = new Promise<SentOutcome>((resolve) => this.#waiting.set(firing, resolve))
    try {
      return await Promise.race([settled, patience.then(() => undefined)])
    } finally {
      this.#waiting.delete(firing)
    }
  }

  #settle(firing: string, outcome: SentOutcome): void {
    this.#trouble = outcome.ok ? undefined : outcome
    const waiting = this.#waiting.get(firing)
    if (waiting === undefined) this.#keep(firing, outcome)
    else waiting(outcome)
  }

  #keep(firing: string, outcome: SentOutcome): void {
    this.#outcomes.set(firing, outcome)
    const [oldest] = this.#outcomes.keys()
    if (oldest !== undefined && this.#outcomes.size > maxKept) this.#outcomes.delete(oldest)
  }
}
