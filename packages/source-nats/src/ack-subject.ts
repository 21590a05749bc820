/**
 * Reads what JetStream writes into the reply subject of each message that it delivers:
 * `$JS.ACK.<stream>.<consumer>.<deliveries>.<stream seq>.<consumer seq>.<ns>.<pending>`, or, newer,
 * `$JS.ACK.<domain>.<account>.<stream>.<consumer>.<deliveries>.….<pending>[.<token>]`.
 * One instance serves the messages of one subscription and is overwritten by each: no object is made per message.
 *
 * https://github.com/nats-io/nats-architecture-and-design/blob/main/adr/ADR-15.md
 */
export class AckSubject {
  /** How often the message has been delivered, this time included. */
  deliveries = 0
  /** In the stream. */
  sequence = 0
  /** In the consumer: counts deliveries, so it has no gap unless one was lost. */
  consumerSequence = 0
  /** When the server stored the message, epoch milliseconds, rounded down. */
  time = 0
  /** Messages for this consumer that were left after this one. */
  pending = 0
  #factsAt = 0
  #at = 0

  /** @throws Error when the subject is none of JetStream's. */
  read(reply: string): void {
    this.#factsAt ||= factsAt(reply)
    this.#at = this.#factsAt
    this.deliveries = this.#number(reply)
    this.sequence = this.#number(reply)
    this.consumerSequence = this.#number(reply)
    this.time = this.#milliseconds(reply)
    this.pending = this.#number(reply)
  }

  #number(reply: string): number {
    let value = 0
    for (; this.#at < reply.length; this.#at++) {
      const digit = reply.charCodeAt(this.#at) - 48
      if (digit < 0) break
      value = value * 10 + digit
    }
    this.#at++
    return value
  }

  /** Nanoseconds are more than a double holds: the last six digits are left out before they are a number. */
  #milliseconds(reply: string): number {
    const end = reply.indexOf('.', this.#at)
    const value = Number(reply.slice(this.#at, end - 6))
    this.#at = end + 1
    return value
  }
}

/** Where the five numbers begin. */
function factsAt(reply: string): number {
  const tokens = reply.split('.')
  if (tokens[0] !== '$JS' || tokens[1] !== 'ACK' || tokens.length < 9) {
    throw new Error(`not a JetStream delivery: ${reply}`)
  }
  const leading = tokens.slice(0, tokens.length === 9 ? 4 : 6)
  return leading.join('.').length + 1
}
