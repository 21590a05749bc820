import type { ShopEvent } from '@eds/shop'
import { connect, type JetStreamClient, type JetStreamManager, type NatsConnection } from 'nats'

const windowSize = 512
const pollMs = 200
const stalledMs = 120_000

/** Publishes in order, with acknowledgements, and watches how far the stream's consumer has come. */
export class Publisher {
  readonly #connection: NatsConnection
  readonly #manager: JetStreamManager
  readonly #client: JetStreamClient
  readonly #stream: string
  #window: Promise<unknown>[] = []

  private constructor(connection: NatsConnection, manager: JetStreamManager, stream: string) {
    this.#connection = connection
    this.#manager = manager
    this.#client = connection.jetstream({ timeout: 30_000 })
    this.#stream = stream
  }

  static async connect(url: string, stream: string): Promise<Publisher> {
    const connection = await connect({ servers: url, maxReconnectAttempts: -1, reconnectTimeWait: 100 })
    const manager = await connection.jetstreamManager({ timeout: 30_000 })
    await manager.streams.add({ name: stream, subjects: [`${stream}.>`] })
    return new Publisher(connection, manager, stream)
  }

  async publish({ subject, bytes, id }: ShopEvent): Promise<void> {
    this.#window.push(this.#client.publish(subject, bytes, { msgID: id }))
    if (this.#window.length >= windowSize) await this.flush()
  }

  async flush(): Promise<void> {
    await Promise.all(this.#window)
    this.#window = []
  }

  /** Resolves when the server answers again. */
  async reconnected(): Promise<void> {
    for (const deadline = Date.now() + stalledMs; ; ) {
      const answered = await this.#connection.rtt().catch(() => undefined)
      if (answered !== undefined) return
      if (Date.now() > deadline) throw new Error('NATS did not come back')
      await new Promise((resolve) => setTimeout(resolve, pollMs))
    }
  }

  /** Resolves when everything up to `sequence` is acknowledged; rejects when there is no progress for two minutes. */
  async untilAcknowledged(sequence: number, check: () => void): Promise<void> {
    let floor = -1
    for (let idleMs = 0; floor < sequence; idleMs += pollMs) {
      if (idleMs > stalledMs) throw new Error(`no progress since event ${floor} of ${sequence} was acknowledged`)
      await new Promise((resolve) => setTimeout(resolve, pollMs))
      check()
      const now = await this.#acknowledged()
      if (now > floor) idleMs = 0
      floor = Math.max(floor, now)
    }
  }

  /** The worker may be making its consumer anew: then nothing is known for a moment. */
  async #acknowledged(): Promise<number> {
    const [consumer] = await this.#manager.consumers.list(this.#stream).next()
    return consumer?.ack_floor.stream_seq ?? -1
  }

  async close(): Promise<void> {
    await this.#connection.close()
  }
}
