import { z } from 'zod'

/** A consumer's configuration as the server writes it (durations in nanoseconds). Unknown fields are kept. */
export interface ConsumerConfig {
  readonly [field: string]: unknown
}

/** What the server says about a consumer, in our words. */
export interface ConsumerInfo {
  readonly name: string
  /** Epoch milliseconds. Tells one consumer from its successor of the same name: {@link isSameConsumer}. */
  readonly created: number
  readonly config: ConsumerConfig
  readonly ackPolicy: string
  readonly isPush: boolean
  readonly ackWaitMs: number
  /** 0 or less: no limit. */
  readonly maxAckPending: number
  /** 0 or less: no limit. */
  readonly maxBatch: number
  readonly maxDeliver: number
  readonly filterSubjects: readonly string[]
  /** Newest delivery: consumer and stream sequence. Of a new consumer the latter is the sequence before its first message. */
  readonly delivered: SequencePair
  /** Everything up to here is acknowledged. */
  readonly ackFloor: SequencePair
  /** Delivered and not acknowledged. */
  readonly ackPending: number
  /** Pull requests that are open. */
  readonly waiting: number
  /** Messages still to be delivered. */
  readonly pending: number
}

export interface SequencePair {
  readonly consumer: number
  readonly stream: number
}

const pair = z
  .object({ consumer_seq: z.number(), stream_seq: z.number() })
  .transform(({ consumer_seq, stream_seq }): SequencePair => ({ consumer: consumer_seq, stream: stream_seq }))

const config = z.looseObject({
  ack_policy: z.string().default('none'),
  deliver_subject: z.string().optional(),
  ack_wait: z.number().default(0),
  max_ack_pending: z.number().default(0),
  max_batch: z.number().default(0),
  max_deliver: z.number().default(-1),
  filter_subject: z.string().default(''),
  filter_subjects: z.array(z.string()).nullish(),
})

const info = z.object({
  name: z.string(),
  created: z.string(),
  config,
  delivered: pair,
  ack_floor: pair,
  num_ack_pending: z.number(),
  num_waiting: z.number().default(0),
  num_pending: z.number(),
})

const nanosecondsPerMillisecond = 1e6

/** @throws Error when it is not what a server answers. */
export function parseConsumerInfo(answer: unknown): ConsumerInfo {
  const raw = info.parse(answer)
  const { ack_policy, deliver_subject, ack_wait, filter_subject, filter_subjects } = raw.config
  return {
    name: raw.name,
    created: Date.parse(raw.created),
    config: (answer as { config: ConsumerConfig }).config,
    ackPolicy: ack_policy,
    isPush: Boolean(deliver_subject),
    ackWaitMs: ack_wait / nanosecondsPerMillisecond,
    maxAckPending: raw.config.max_ack_pending,
    maxBatch: raw.config.max_batch,
    maxDeliver: raw.config.max_deliver,
    filterSubjects: filter_subjects ?? (filter_subject === '' ? [] : [filter_subject]),
    delivered: raw.delivered,
    ackFloor: raw.ack_floor,
    ackPending: raw.num_ack_pending,
    waiting: raw.num_waiting,
    pending: raw.num_pending,
  }
}

/** Servers before 2.11 tell a consumer's time of creation a few milliseconds later once they have been restarted. */
const createdToleranceMs = 100

/** True when the info is of the consumer that was created then, and not of another one made anew under its name. */
export function isSameConsumer(info: ConsumerInfo, created: number): boolean {
  return Math.abs(info.created - created) < createdToleranceMs
}
