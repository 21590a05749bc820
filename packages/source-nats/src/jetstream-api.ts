import { EdsError } from '@eds/core'
import { z } from 'zod'
import { AckSubject } from './ack-subject.js'
import type { Connection } from './connection.js'
import { type ConsumerConfig, type ConsumerInfo, parseConsumerInfo } from './consumer-info.js'
import { type ApiFailure, apiError, apiErrorCode, isMissing } from './errors.js'
import type { StreamPlace } from './position.js'

const prefix = '$JS.API'
const nanosecondsPerMillisecond = 1e6
const saveAttempts = 5

const failureAnswer = z.object({
  error: z.object({
    code: z.number(),
    err_code: z.number().default(0),
    description: z.string().default('no reason given'),
  }),
})

/**
 * The few JetStream requests that EDS makes, all of them allowed to a locked-down account: everything under `CONSUMER` and
 * `STREAM.NAMES`. Never `INFO` or `STREAM.INFO`, which the client library's own manager and consumers call.
 * Everything rejects with `EdsError`.
 */
export class JetStreamApi {
  readonly stream: string
  readonly #connection: Pick<Connection, 'request'>
  readonly #timeoutMs: number

  constructor(connection: Pick<Connection, 'request'>, stream: string, timeoutMs: number) {
    this.#connection = connection
    this.stream = stream
    this.#timeoutMs = timeoutMs
  }

  /** `undefined` when there is no such consumer. */
  async consumerInfo(consumer: string): Promise<ConsumerInfo | undefined> {
    const answer = await this.#ask(`CONSUMER.INFO.${this.stream}.${consumer}`)
    const failure = failureOf(answer)
    if (failure?.errorCode === apiErrorCode.consumerNotFound) return undefined
    if (failure) throw await this.#explain(failure, consumer)
    return parseConsumerInfo(answer)
  }

  /** The name must be free. */
  createConsumer(consumer: string, config: ConsumerConfig): Promise<ConsumerInfo> {
    return this.#saveConsumer(consumer, config, 'create')
  }

  updateConsumer(consumer: string, config: ConsumerConfig): Promise<ConsumerInfo> {
    return this.#saveConsumer(consumer, config, 'update')
  }

  /** Idempotent. */
  async deleteConsumer(consumer: string): Promise<void> {
    const failure = failureOf(await this.#ask(`CONSUMER.DELETE.${this.stream}.${consumer}`))
    if (!failure || isMissing(failure)) return
    // Servers before 2.11 may delete the consumer and then fail to remove its folder.
    if (failure.code >= 500 && !(await this.consumerInfo(consumer))) return
    throw await this.#explain(failure, consumer)
  }

  /** Takes one message and says where it is. Rejects when none comes in time. */
  async nextMessage(consumer: string): Promise<StreamPlace> {
    // The server answers that there is none before the request itself times out.
    const expires = Math.ceil(this.#timeoutMs * 0.8) * nanosecondsPerMillisecond
    const subject = `${prefix}.CONSUMER.MSG.NEXT.${this.stream}.${consumer}`
    const message = await this.#connection.request(subject, encode({ batch: 1, expires }), true)
    if (!message.reply) {
      throw new EdsError(
        'connection',
        `NATS: consumer "${consumer}" of stream "${this.stream}" brought no message in time`,
      )
    }
    const { sequence, time } = readAck(message.reply)
    return { sequence, time }
  }

  /** Rejects when there is no such stream, naming those that there are. */
  async requireStream(): Promise<void> {
    const names = streamNames(await this.#ask('STREAM.NAMES'))
    if (names.includes(this.stream)) return
    throw apiError(
      { code: 404, errorCode: apiErrorCode.streamNotFound, description: '' },
      { stream: this.stream, existing: names },
    )
  }

  /** Takes every subject below the stream's name and keeps everything. A stream that exists is left as it is. */
  async createStream(): Promise<void> {
    const config = {
      name: this.stream,
      subjects: [`${this.stream}.>`],
      retention: 'limits',
      storage: 'file',
      num_replicas: 1,
    }
    const failure = failureOf(await this.#ask(`STREAM.CREATE.${this.stream}`, config))
    if (failure && failure.errorCode !== apiErrorCode.streamNameInUse) throw apiError(failure, { stream: this.stream })
  }

  /**
   * The server may still be removing the folder of a deleted consumer while it makes the next of that name, and then finds its own
   * file gone (`rename …/o.dat.tmp …: no such file or directory`, seen with 2.15): asked again, it makes it.
   */
  async #saveConsumer(consumer: string, config: ConsumerConfig, action: 'create' | 'update'): Promise<ConsumerInfo> {
    const request = { stream_name: this.stream, config, action }
    for (let attempt = 1; ; attempt++) {
      const answer = await this.#ask(`CONSUMER.DURABLE.CREATE.${this.stream}.${consumer}`, request)
      const failure = failureOf(answer)
      if (!failure) return parseConsumerInfo(answer)
      const mayPass = failure.errorCode === apiErrorCode.consumerNotMade && attempt < saveAttempts
      if (!mayPass) throw await this.#explain(failure, consumer)
    }
  }

  async #explain(failure: ApiFailure, consumer: string): Promise<EdsError> {
    return apiError(failure, { stream: this.stream, consumer, existing: await this.#existing(failure.errorCode) })
  }

  /** The names that an error should mention. What cannot be had is left out: the error itself matters more. */
  async #existing(errorCode: number): Promise<readonly string[]> {
    try {
      if (errorCode === apiErrorCode.streamNotFound) return streamNames(await this.#ask('STREAM.NAMES'))
      if (errorCode === apiErrorCode.maximumConsumersReached)
        return consumerNames(await this.#ask(`CONSUMER.NAMES.${this.stream}`))
    } catch {
      return []
    }
    return []
  }

  async #ask(operation: string, body?: object): Promise<unknown> {
    const message = await this.#connection.request(`${prefix}.${operation}`, encode(body))
    return JSON.parse(message.string())
  }
}

function encode(body: object | undefined): Uint8Array {
  return body ? new TextEncoder().encode(JSON.stringify(body)) : new Uint8Array()
}

/** The error in an answer, if it is one. */
export function failureOf(answer: unknown): ApiFailure | undefined {
  const { success, data } = failureAnswer.safeParse(answer)
  return success
    ? { code: data.error.code, errorCode: data.error.err_code, description: data.error.description }
    : undefined
}

function readAck(reply: string): AckSubject {
  const ack = new AckSubject()
  ack.read(reply)
  return ack
}

function streamNames(answer: unknown): readonly string[] {
  return z.object({ streams: z.array(z.string()).nullish() }).parse(answer).streams ?? []
}

function consumerNames(answer: unknown): readonly string[] {
  return z.object({ consumers: z.array(z.string()).nullish() }).parse(answer).consumers ?? []
}
