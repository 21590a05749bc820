import type { Connection } from './connection.js'
import type { Outstanding } from './outstanding.js'
import type { Anchor, SequenceGuard } from './sequence-guard.js'

const acknowledged = new TextEncoder().encode('+ACK')
const inProgress = new TextEncoder().encode('+WPI')

/** What acknowledging needs of the connection. */
export type AckConnection = Pick<Connection, 'isUp' | 'publish'>

/**
 * Sends acknowledgements: one for a whole batch where the consumer acknowledges all, else one each. While a consumer is in doubt
 * nothing is sent: an old reply subject would reach a new consumer of the same name, which counts anew.
 */
export class Acknowledger {
  readonly #connection: AckConnection
  readonly #guard: SequenceGuard
  readonly #outstanding: Outstanding
  readonly #acknowledgesAll: boolean
  #isSuspended = false
  #keptUntil = 0

  constructor(connection: AckConnection, guard: SequenceGuard, outstanding: Outstanding, acknowledgesAll: boolean) {
    this.#connection = connection
    this.#guard = guard
    this.#outstanding = outstanding
    this.#acknowledgesAll = acknowledgesAll
  }

  /** Everything up to the anchor is durable. */
  acknowledge(anchor: Anchor): void {
    this.#guard.acknowledge(anchor)
    if (!this.#isSuspended) this.#settle()
  }

  /** A message came again that is acknowledged already. */
  acknowledgeAgain(reply: string): void {
    this.#connection.publish(reply, acknowledged)
  }

  /** Asks for more time for what was already waiting at the last call. To be called several times within the ack wait. */
  keepAlive(): void {
    if (!this.#isSuspended && this.#connection.isUp) {
      for (const reply of this.#outstanding.replies(this.#keptUntil)) this.#connection.publish(reply, inProgress)
    }
    this.#keptUntil = this.#outstanding.last ?? 0
  }

  suspend(): void {
    this.#isSuspended = true
  }

  /** The consumer is sound again: sends what was acknowledged meanwhile. */
  resume(): void {
    this.#isSuspended = false
    this.#settle()
  }

  #settle(): void {
    const replies = this.#outstanding.settle(this.#guard.acknowledged.sequence)
    const due = this.#acknowledgesAll ? replies.slice(-1) : replies
    for (const reply of due) this.#connection.publish(reply, acknowledged)
  }
}
