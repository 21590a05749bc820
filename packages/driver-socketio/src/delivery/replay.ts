import { randomBytes } from 'node:crypto'
import type { ChangeMessage } from '../events.js'

/** A message that was sent, and to which rooms. */
export interface SentMessage {
  readonly offset: string
  readonly rooms: readonly string[]
  readonly message: ChangeMessage
}

/** Whose session could be taken up again. */
export interface ReplaySession {
  readonly socketId: string
  readonly userId: string
}

/** How much and how long. */
export interface ReplayBounds {
  readonly maxBytes: number
  readonly maxAgeMs: number
  readonly now: () => number
}

interface Kept extends SentMessage {
  readonly bytes: number
  readonly sentAt: number
}

/** More clients that are away than this are not remembered. */
const maxSessions = 100_000

/**
 * The latest messages, for clients that come back after a short time, within a bound of bytes and age. Offsets name a message of this
 * instance: those of another process are unknown to it.
 */
export class ReplayLog {
  readonly #bounds: ReplayBounds
  readonly #epoch = randomBytes(6).toString('base64url')
  readonly #sessions = new Map<string, ReplaySession & { readonly leftAt: number }>()
  /** By their numbers, the oldest first. */
  readonly #kept = new Map<number, Kept>()
  #bytes = 0
  /** Number of the latest message. */
  #sequence = 0

  constructor(bounds: ReplayBounds) {
    this.#bounds = bounds
  }

  /** Offset of the latest message. */
  get offset(): string {
    return this.#offsetOf(this.#sequence)
  }

  /** Keeps a message; gives its offset. */
  add(rooms: readonly string[], message: ChangeMessage, bytes: number): string {
    this.#sequence++
    const offset = this.offset
    this.#kept.set(this.#sequence, { offset, rooms, message, bytes, sentAt: this.#bounds.now() })
    this.#bytes += bytes
    this.#trim()
    return offset
  }

  /** Remembers a client that has gone, by the private id of its session. */
  leave(privateId: string, session: ReplaySession): void {
    const now = this.#bounds.now()
    for (const [id, { leftAt }] of this.#sessions) {
      if (this.#sessions.size < maxSessions && now - leftAt <= this.#bounds.maxAgeMs) break
      this.#sessions.delete(id)
    }
    this.#sessions.set(privateId, { ...session, leftAt: now })
  }

  /** The session of a client that comes back; `undefined` when it is unknown, too old, or messages behind the offset are gone. Once only. */
  take(privateId: string, offset: string): ReplaySession | undefined {
    const session = this.#sessions.get(privateId)
    this.#sessions.delete(privateId)
    if (session === undefined || this.#bounds.now() - session.leftAt > this.#bounds.maxAgeMs) return undefined
    return this.#numberOf(offset) === undefined ? undefined : session
  }

  /** What was sent to the rooms behind the offset, in order; `undefined` when some of that is gone. */
  since(offset: string, rooms: ReadonlySet<string>): SentMessage[] | undefined {
    const number = this.#numberOf(offset)
    if (number === undefined) return undefined
    const missed: SentMessage[] = []
    for (let next = number + 1; next <= this.#sequence; next++) {
      const sent = this.#kept.get(next)
      if (sent?.rooms.some((room) => rooms.has(room))) missed.push(sent)
    }
    return missed
  }

  /** The number of an offset behind which everything is still there. */
  #numberOf(offset: string): number | undefined {
    const number = offset.startsWith(`${this.#epoch}.`) ? Number(offset.slice(this.#epoch.length + 1)) : Number.NaN
    const isKept = Number.isInteger(number) && number >= this.#sequence - this.#kept.size && number <= this.#sequence
    return isKept ? number : undefined
  }

  #offsetOf(sequence: number): string {
    return `${this.#epoch}.${sequence}`
  }

  #trim(): void {
    const oldest = this.#bounds.now() - this.#bounds.maxAgeMs
    for (const [number, { bytes, sentAt }] of this.#kept) {
      if (this.#bytes <= this.#bounds.maxBytes && sentAt >= oldest) return
      this.#bytes -= bytes
      this.#kept.delete(number)
    }
  }
}
