import { type Clock, EdsError, type Logger, type StateStore, systemClock } from '@eds/core'
import { z } from 'zod'
import { type ConnectionSettings, connectionSettings, type NatsConnectionOptions } from './connection-options.js'
import type { ConsumerWishes } from './consumer-config.js'
import { companySubjects } from './subjects.js'

/** Options of the source {@link nats}. */
export interface NatsOptions extends NatsConnectionOptions {
  /** Default `dbchange`. */
  readonly stream?: string
  /** Read these companies only: one filter subject `<stream>.*.*.<companyId>.*.PUBLIC.>` each. */
  readonly companyIds?: readonly string[]
  /** Read these subjects only. Default: those of `companyIds`, else everything below the stream's name (`dbchange.>`). */
  readonly filterSubjects?: readonly string[]
  /** Cursor → name of the durable consumer. Default: the cursor itself. */
  readonly consumer?: (cursor: string) => string
  /**
   * `explicit`: acknowledge each message; needed where the old EDS server may take the consumer over again. `all`: acknowledge the last
   * of a batch, a fifth faster. `auto` (default): `explicit` for consumers named `eds-…`, `all` for others. A consumer that exists
   * keeps the policy that it has.
   */
  readonly ack?: 'auto' | 'all' | 'explicit'
  /** The server delivers again what is not acknowledged by then; EDS asks for more time by itself. Milliseconds, default 300,000. */
  readonly ackWaitMs?: number
  /** Most messages delivered and not acknowledged. Default 25,000. */
  readonly maxAckPending?: number
  /** Most messages asked for at a time. Default 4,096. */
  readonly maxPullBatch?: number
  /** Most bytes held for a slow pipeline, per reader; a single larger message still fits. Default 4 MiB. */
  readonly bufferBytes?: number
  /** Most bytes that a compressed message may grow to; a larger one is a dead letter. Default 64 MiB. */
  readonly maxUnpackedBytes?: number
  /** The server drops an unused consumer after this time, milliseconds; 0: never. Default: 3 days for `eds-…`, never for others. */
  readonly inactiveThresholdMs?: number
  /** How long trouble is healed silently before the reader fails, so that the pipeline can show it. Milliseconds, default 15,000. */
  readonly healMs?: number
  /** How often the server tells that an open request is alive; three missing ones are a stall. Milliseconds, default 5,000. */
  readonly heartbeatMs?: number
  /** How long to wait for another reader of the same consumer to let go. Milliseconds, default 5,000. */
  readonly takeoverMs?: number
  /** Keeps what must survive a crash in the middle of making a consumer anew. Without it, such a crash relies on the pipeline's position. */
  readonly state?: StateStore
  readonly clock?: Clock
  readonly logger?: Logger
}

/** {@link NatsOptions}, checked and completed. */
export interface NatsSettings {
  readonly connection: ConnectionSettings
  readonly stream: string
  readonly filterSubjects: readonly string[]
  readonly consumerName: (cursor: string) => string
  readonly ack: 'auto' | 'all' | 'explicit'
  readonly ackWaitMs: number
  readonly maxAckPending: number
  readonly maxPullBatch: number
  readonly bufferBytes: number
  readonly maxUnpackedBytes: number
  readonly inactiveThresholdMs: number | undefined
  readonly healMs: number
  readonly heartbeatMs: number
  readonly takeoverMs: number
  readonly state: StateStore | undefined
  readonly clock: Clock
  readonly logger: Logger
}

const mebibyte = 1024 * 1024
const dayMs = 86_400_000
const positive = (fallback: number) => z.number().int().positive().default(fallback)

const limits = z.object({
  ackWaitMs: z.number().int().min(100).default(300_000),
  maxAckPending: positive(25_000),
  maxPullBatch: positive(4_096),
  bufferBytes: positive(4 * mebibyte),
  maxUnpackedBytes: positive(64 * mebibyte),
  inactiveThresholdMs: z.number().int().nonnegative().optional(),
  healMs: z.number().int().nonnegative().default(15_000),
  heartbeatMs: z.number().int().min(100).default(5_000),
  takeoverMs: z.number().int().nonnegative().default(5_000),
})

const name = /^[A-Za-z0-9_-]+$/
const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} }

/** @throws EdsError `configuration` naming every option that is wrong. */
export function resolveSettings(options: NatsOptions): NatsSettings {
  const { stream = 'dbchange', consumer = (cursor) => cursor } = options
  const checked = limits.safeParse(options)
  if (!checked.success) {
    const faults = checked.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
    throw new EdsError('configuration', `options of the NATS source: ${faults.join('; ')}`)
  }
  checkName('stream', stream)
  return {
    ...checked.data,
    inactiveThresholdMs: checked.data.inactiveThresholdMs,
    connection: connectionSettings(options),
    stream,
    filterSubjects:
      options.filterSubjects ?? (options.companyIds ? companySubjects(options.companyIds, stream) : [`${stream}.>`]),
    consumerName: (cursor) => checkName('consumer', consumer(cursor)),
    ack: options.ack ?? 'auto',
    state: options.state,
    clock: options.clock ?? systemClock,
    logger: options.logger ?? silent,
  }
}

/** What a consumer of this name is to be like. Consumers named `eds-…` belong to the old EDS server too. */
export function wishesFor(consumer: string, settings: NatsSettings): ConsumerWishes {
  const isShared = consumer.startsWith('eds-')
  const automatic = isShared ? 'explicit' : 'all'
  return {
    isShared,
    ackPolicy: settings.ack === 'auto' ? automatic : settings.ack,
    filterSubjects: settings.filterSubjects,
    ackWaitMs: settings.ackWaitMs,
    maxAckPending: settings.maxAckPending,
    maxPullBatch: settings.maxPullBatch,
    inactiveThresholdMs: settings.inactiveThresholdMs ?? (isShared ? 3 * dayMs : 0),
  }
}

/** @throws EdsError `configuration` for a name that NATS would not take. */
export function checkName(kind: string, text: string): string {
  if (name.test(text)) return text
  throw new EdsError('configuration', `"${text}" cannot be the name of a ${kind}`, {
    fix: 'use letters, digits, _ and - only',
  })
}
