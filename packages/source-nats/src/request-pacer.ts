/** How much may be asked for. */
export interface RequestLimits {
  readonly maxPullBatch: number
  readonly maxAckPending: number
  readonly bufferBytes: number
}

/** What a reader holds at the moment. */
export interface ReaderLoad {
  /** Received and not handed on. */
  readonly heldMessages: number
  readonly heldBytes: number
  /** Received and not acknowledged. */
  readonly outstanding: number
  /** Epoch milliseconds. */
  readonly now: number
}

/**
 * - `wait`: there is no room.
 * - `check`: there is, but first it must be known that retention has not passed the reader while it asked for nothing.
 * - `request`: ask for so much; without `maxBytes` for messages of any size.
 */
export type PacerDecision =
  | { readonly action: 'wait' }
  | { readonly action: 'check' }
  | { readonly action: 'request'; readonly messages: number; readonly maxBytes?: number }

const checkEveryMs = 1_000
const wait: PacerDecision = { action: 'wait' }

/** Decides when to ask for messages and for how many. Pure, except that it remembers how the last request went. */
export class RequestPacer {
  readonly #limits: RequestLimits
  #checkedAt: number
  #broughtSome = false
  #isOversized = false

  constructor(limits: RequestLimits, now: number) {
    this.#limits = limits
    this.#checkedAt = now
  }

  /** Asks when at least half of the buffer is free. No request may outgrow the consumer's limit: the server would fall silent on it. */
  decide({ heldMessages, heldBytes, outstanding, now }: ReaderLoad): PacerDecision {
    const { maxPullBatch, maxAckPending, bufferBytes } = this.#limits
    const messages = Math.min(maxPullBatch, maxAckPending - outstanding)
    if (messages <= 0 || heldBytes * 2 > bufferBytes || (this.#isOversized && heldMessages > 0)) return wait
    if (outstanding > 0 && now - this.#checkedAt >= checkEveryMs) return { action: 'check' }
    const isOversized = this.#isOversized
    this.#isOversized = false
    this.#broughtSome = false
    return { action: 'request', ...(isOversized ? { messages: 1 } : { messages, maxBytes: bufferBytes - heldBytes }) }
  }

  /** Retention was behind the reader at this time. */
  checked(now: number): void {
    this.#checkedAt = now
  }

  /** The request brought a message. */
  delivered(): void {
    this.#broughtSome = true
  }

  /** The request ended because the next message was larger than what was left of it: alone it comes at any size. */
  tooLarge(): void {
    this.#isOversized ||= !this.#broughtSome
  }
}
