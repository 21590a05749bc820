/** A message to be published. */
export interface OutgoingMessage {
  readonly subject: string
  readonly data: Uint8Array
  /** The stream drops a second message of the same id within its duplicate window. Default: one that is unique. */
  readonly id?: string
  /** How the data is packed: `gzip/json`, `msgpack`. Default: plain JSON. */
  readonly encoding?: string
}

interface Sent {
  readonly message: OutgoingMessage
  sentAt: number
}

/** Messages that were sent and are not confirmed yet, by number, in order. */
export class PublishWindow {
  readonly #sent = new Map<number, Sent>()
  #lastNumber = 0
  #confirmedAt = 0

  get size(): number {
    return this.#sent.size
  }

  /** Returns the message's number. */
  add(message: OutgoingMessage, now: number): number {
    if (this.#sent.size === 0) this.#confirmedAt = now
    this.#sent.set(++this.#lastNumber, { message, sentAt: now })
    return this.#lastNumber
  }

  message(number: number): OutgoingMessage | undefined {
    return this.#sent.get(number)?.message
  }

  /** False when it was confirmed before. */
  confirm(number: number, now: number): boolean {
    this.#confirmedAt = now
    return this.#sent.delete(number)
  }

  /** How long nothing was confirmed although something is waiting, milliseconds. */
  stuckMs(now: number): number {
    return this.#sent.size === 0 ? 0 : now - this.#confirmedAt
  }

  /** True when the oldest one was last sent so long ago. */
  isOverdue(afterMs: number, now: number): boolean {
    const [oldest] = this.#sent.values()
    return oldest !== undefined && now - oldest.sentAt >= afterMs
  }

  /** Everything unconfirmed, in order, to be sent once more. */
  resend(now: number): [number: number, message: OutgoingMessage][] {
    return [...this.#sent].map(([number, sent]) => {
      sent.sentAt = now
      return [number, sent.message]
    })
  }
}
