import { EdsError, type Logger } from '@eds/core'
import {
  type ConsumerStart,
  type ConsumerWishes,
  newConsumer,
  restartedConsumer,
  unfiltered,
  updatedConsumer,
  withFilters,
} from './consumer-config.js'
import type { ConsumerConfig, ConsumerInfo } from './consumer-info.js'
import type { JetStreamApi } from './jetstream-api.js'

/** The requests that a desk makes. */
export type ConsumerApi = Pick<
  JetStreamApi,
  'stream' | 'consumerInfo' | 'createConsumer' | 'updateConsumer' | 'deleteConsumer' | 'nextMessage'
>

const createAttempts = 5

/** One durable consumer, by name: finds, makes, changes and removes it. Everything rejects with `EdsError`. */
export class ConsumerDesk {
  readonly name: string
  readonly wishes: ConsumerWishes
  readonly api: ConsumerApi
  readonly #logger: Logger

  constructor(name: string, wishes: ConsumerWishes, api: ConsumerApi, logger: Logger) {
    this.name = name
    this.wishes = wishes
    this.api = api
    this.#logger = logger
  }

  get stream(): string {
    return this.api.stream
  }

  info(): Promise<ConsumerInfo | undefined> {
    return this.api.consumerInfo(this.name)
  }

  delete(): Promise<void> {
    return this.api.deleteConsumer(this.name)
  }

  /** A consumer whose name is free. */
  create(start: ConsumerStart): Promise<ConsumerInfo> {
    return this.#make(newConsumer(this.name, this.wishes, start), start)
  }

  /** Deletes the consumer and makes it again, beginning at `start`. */
  async replace(start: ConsumerStart, former: ConsumerConfig | undefined): Promise<ConsumerInfo> {
    await this.delete()
    return this.#make(restartedConsumer(this.name, this.wishes, start, former), start)
  }

  /** Makes an existing consumer never give up a message and see the right subjects; everything else stays as it was. */
  async bringUpToDate(info: ConsumerInfo): Promise<ConsumerInfo> {
    this.#checkUsable(info)
    const config = updatedConsumer(info, this.wishes.filterSubjects)
    if (!config) return info
    this.#logger.info(
      { stream: this.stream, consumer: this.name },
      'updating the consumer: no delivery limit, this sink’s subjects',
    )
    return this.api.updateConsumer(this.name, config)
  }

  /**
   * A consumer that is really new. The server writes a consumer's state outside its lock, so it may write that of a deleted one when
   * the next of its name is being made, which then takes over that state instead of the start that was asked for. A new consumer
   * has delivered nothing, so such a one shows, and is made once more.
   */
  async #make(config: ConsumerConfig, start: ConsumerStart): Promise<ConsumerInfo> {
    for (let attempt = 0; attempt < createAttempts; attempt++) {
      if (attempt > 0) await this.delete()
      const info = await this.#makeOnce(config, start)
      if (info.delivered.consumer === 0 && info.ackFloor.consumer === 0) return info
    }
    throw new EdsError(
      'connection',
      `NATS keeps bringing back the former state of consumer "${this.name}" of stream "${this.stream}"`,
    )
  }

  /**
   * A consumer with several filters that begins by time may skip messages: the server moves its start to the first message ever of
   * one filter, though another filter has messages before it (`selectStartingSeqNo`, 2.10 to 2.15). So it gets its filters afterwards.
   */
  async #makeOnce(config: ConsumerConfig, start: ConsumerStart): Promise<ConsumerInfo> {
    if (start.from !== 'time') return this.api.createConsumer(this.name, config)
    const created = await this.api.createConsumer(this.name, unfiltered(config))
    if (this.wishes.filterSubjects.length === 0) return created
    return this.api.updateConsumer(this.name, withFilters(created.config, this.wishes.filterSubjects))
  }

  #checkUsable({ isPush, ackPolicy }: ConsumerInfo): void {
    const fault = isPush ? 'pushes messages' : ackPolicy === 'none' ? 'takes no acknowledgements' : undefined
    if (fault === undefined) return
    throw new EdsError(
      'configuration',
      `consumer "${this.name}" of stream "${this.stream}" ${fault}, so nothing can be resumed with it`,
      {
        fix: 'give the sink another name, or delete that consumer',
      },
    )
  }
}
