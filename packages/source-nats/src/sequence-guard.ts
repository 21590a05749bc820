import type { AckSubject } from './ack-subject.js'
import type { Outstanding } from './outstanding.js'

/** Everything up to and including `sequence` is durable at the destination, or was never wanted. */
export interface Anchor {
  readonly sequence: number
  /** When the server stored that message, epoch milliseconds; absent when only its sequence is known. */
  readonly time?: number
}

/** Where a reader stands when it begins, or begins again, with a consumer. */
export interface Standing {
  readonly acknowledged: Anchor
  /** The consumer sequence of the next delivery. */
  readonly nextConsumerSequence: number
  /** True when it is certain that the stream is still the one that the anchor comes from. */
  readonly proven: boolean
}

/**
 * - `new`: comes next.
 * - `seen`: received before and not yet acknowledged.
 * - `done`: acknowledged before; the server missed that.
 * - `lost`: deliveries before this one did not arrive.
 * - `foreign`: its sequence belonged to another message: the stream went backwards or was made anew.
 */
export type Verdict = 'new' | 'seen' | 'done' | 'lost' | 'foreign'

/**
 * Judges every delivery by its numbers, so that a reader neither skips nor repeats, whatever the consumer does. The consumer
 * sequence shows a lost delivery, the stream sequence a repeated message, and the time that a repeated sequence is the same message.
 */
export class SequenceGuard {
  readonly #outstanding: Outstanding
  #acknowledged: Anchor
  #received: number
  #nextConsumerSequence: number
  #proven: boolean

  constructor(outstanding: Outstanding, standing: Standing) {
    this.#outstanding = outstanding
    this.#acknowledged = standing.acknowledged
    this.#received = standing.acknowledged.sequence
    this.#nextConsumerSequence = standing.nextConsumerSequence
    this.#proven = standing.proven
  }

  get acknowledged(): Anchor {
    return this.#acknowledged
  }

  /** Stream sequence of the newest message received. */
  get received(): number {
    return this.#received
  }

  /** Consumer sequence of the newest delivery. */
  get consumerSequence(): number {
    return this.#nextConsumerSequence - 1
  }

  acknowledge(anchor: Anchor): void {
    if (anchor.sequence > this.#acknowledged.sequence) this.#acknowledged = anchor
  }

  /** Goes on with a consumer that was made anew; what came after `received` will come again. */
  restart(nextConsumerSequence: number, received: number, proven: boolean): void {
    this.#nextConsumerSequence = nextConsumerSequence
    this.#received = received
    this.#proven = proven
  }

  /** Judges one delivery and moves on, except when it is `lost` or `foreign`. */
  judge(delivery: AckSubject, reply: string): Verdict {
    if (delivery.consumerSequence !== this.#nextConsumerSequence) return 'lost'
    const verdict = this.#judge(delivery, reply)
    if (verdict === 'lost' || verdict === 'foreign') return verdict
    this.#nextConsumerSequence++
    if (verdict === 'new') this.#received = delivery.sequence
    return verdict
  }

  #judge({ sequence, time, deliveries }: AckSubject, reply: string): Verdict {
    // A redelivery of what never came before: its first delivery was lost, and who knows what with it.
    if (sequence > this.#received) return deliveries > 1 ? 'lost' : 'new'
    if (sequence > this.#acknowledged.sequence) {
      return this.#outstanding.confirm(sequence, time, reply) ? 'seen' : 'foreign'
    }
    return this.#isOld(sequence, time) ? 'done' : 'foreign'
  }

  /** True when a message at or before the anchor is what it was: the anchor itself by its time, older ones by being older. */
  #isOld(sequence: number, time: number): boolean {
    const anchor = this.#acknowledged
    if (anchor.time === undefined) return true
    if (sequence === anchor.sequence) return time === anchor.time
    return this.#proven || time <= anchor.time
  }
}
