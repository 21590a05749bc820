import type { ConsumerApi } from '../../src/consumer-desk.js'
import { type ConsumerConfig, type ConsumerInfo, parseConsumerInfo } from '../../src/consumer-info.js'
import type { StreamPlace } from '../../src/position.js'

interface Trick {
  /** A start by time begins so many messages later than it should. */
  readonly lateByTime?: number
  /** So many new consumers come up with the state of a former one. */
  readonly stale?: number
}

/** Answers for one consumer of a stream of ten messages, a second apart, and misbehaves in ways that a real server cannot be made to. */
export class FakeApi implements ConsumerApi {
  readonly stream = 'dbchange'
  readonly messages: readonly StreamPlace[] = Array.from({ length: 10 }, (_, i) => ({
    sequence: i + 1,
    time: (i + 1) * 1_000,
  }))
  /** What was asked for, in order. */
  readonly log: string[] = []
  readonly #lateByTime: number
  #stale: number
  #info: ConsumerInfo | undefined

  constructor({ lateByTime = 0, stale = 0 }: Trick = {}) {
    this.#lateByTime = lateByTime
    this.#stale = stale
  }

  async consumerInfo(): Promise<ConsumerInfo | undefined> {
    return this.#info
  }

  async createConsumer(name: string, config: ConsumerConfig): Promise<ConsumerInfo> {
    this.log.push(`create ${config.deliver_policy}`)
    const isStale = this.#stale > 0
    if (isStale) this.#stale--
    const before = this.#start(config) - 1
    this.#info = info(
      name,
      config,
      isStale ? { consumer_seq: 7, stream_seq: 7 } : { consumer_seq: 0, stream_seq: before },
    )
    return this.#info
  }

  async updateConsumer(name: string, config: ConsumerConfig): Promise<ConsumerInfo> {
    this.log.push('update')
    this.#info = info(name, config, { consumer_seq: 0, stream_seq: this.#info?.delivered.stream ?? 0 })
    return this.#info
  }

  async deleteConsumer(): Promise<void> {
    this.log.push('delete')
    this.#info = undefined
  }

  async nextMessage(): Promise<StreamPlace> {
    const next = this.messages[this.#info?.delivered.stream ?? 0]
    if (!next) throw new Error('nothing is left')
    return next
  }

  #start({ deliver_policy, opt_start_seq, opt_start_time }: ConsumerConfig): number {
    if (deliver_policy === 'all') return 1
    if (deliver_policy === 'new') return this.messages.length + 1
    if (deliver_policy === 'by_start_sequence') return Number(opt_start_seq)
    return Math.ceil(Date.parse(String(opt_start_time)) / 1_000) + this.#lateByTime
  }
}

function info(name: string, config: ConsumerConfig, at: { consumer_seq: number; stream_seq: number }): ConsumerInfo {
  return parseConsumerInfo({
    name,
    created: '2026-01-01T00:00:00Z',
    config,
    delivered: at,
    ack_floor: at,
    num_ack_pending: 0,
    num_pending: 10 - at.stream_seq,
  })
}
