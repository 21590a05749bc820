import type { EdsError } from '@eds/core'
import { toEdsError } from '@eds/core'
import { formatDate, type Receipt, type SyncMessage } from '@eds/sync'

type Send = (message: SyncMessage, signal: AbortSignal) => Promise<void>

/** What became of the first attempt to send a message. */
export type SentOutcome = { readonly ok: true } | { readonly ok: false; readonly error: EdsError }

/** Outcomes that are kept for those who ask late. */
const maxKept = 1_000

/**
 * Tells who set a message off when it has been sent. Needed where the platform takes the CPU away once a request is answered. A message is
 * known by its newest event of the endpoint, whose date is unique.
 */
export class SentMessages {
  readonly #outcomes = new Map<string, SentOutcome>()
  readonly #waiting = new Map<string, (outcome: SentOutcome) => void>()

  /** The same, observed. */
  observe(send: Send): Send {
    return async (message, signal) => {
      try {
        await send(message, signal)
        this.#settle(message, { ok: true })
      } catch (error) {
        this.#settle(message, { ok: false, error: toEdsError(error) })
        throw error
      }
    }
  }

  /** Resolves when the message that an event set off was sent or has failed once. */
  outcome(eventKey: string, { date }: Pick<Receipt, 'date'>): Promise<SentOutcome> {
    const key = `${eventKey} ${formatDate(date)}`
    const known = this.#outcomes.get(key)
    return known ? Promise.resolve(known) : new Promise((resolve) => this.#waiting.set(key, resolve))
  }

  #settle({ events }: SyncMessage, outcome: SentOutcome): void {
    for (const [eventKey, { lastEventDate }] of Object.entries(events)) {
      if (lastEventDate === undefined) continue
      const key = `${eventKey} ${lastEventDate}`
      this.#outcomes.set(key, outcome)
      this.#waiting.get(key)?.(outcome)
      this.#waiting.delete(key)
    }
    for (const key of this.#outcomes.keys()) {
      if (this.#outcomes.size <= maxKept) break
      this.#outcomes.delete(key)
    }
  }
}
