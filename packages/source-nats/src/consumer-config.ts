import type { ConsumerConfig, ConsumerInfo } from './consumer-info.js'

/** Where a consumer begins. */
export type ConsumerStart =
  | { readonly from: 'beginning' }
  | { readonly from: 'now' }
  | { readonly from: 'sequence'; readonly sequence: number }
  /** Epoch milliseconds. */
  | { readonly from: 'time'; readonly time: number }

/** What EDS asks of a consumer, wherever it begins. */
export interface ConsumerWishes {
  /** The consumer is the one of the old EDS server, which must be able to take over again. */
  readonly isShared: boolean
  readonly ackPolicy: 'all' | 'explicit'
  /** Empty: everything. */
  readonly filterSubjects: readonly string[]
  readonly ackWaitMs: number
  readonly maxAckPending: number
  readonly maxPullBatch: number
  /** 0: the consumer stays until it is forgotten. */
  readonly inactiveThresholdMs: number
}

const nanoseconds = (ms: number) => Math.round(ms * 1e6)

/**
 * A consumer that did not exist. Never gives a message up (`max_deliver` -1). A shared one lets in a single pull request, as the
 * old server has it.
 */
export function newConsumer(name: string, wishes: ConsumerWishes, start: ConsumerStart): ConsumerConfig {
  return {
    durable_name: name,
    description: 'EDS',
    ack_policy: wishes.ackPolicy,
    ack_wait: nanoseconds(wishes.ackWaitMs),
    max_deliver: -1,
    max_ack_pending: wishes.maxAckPending,
    replay_policy: 'instant',
    ...(wishes.isShared && { max_waiting: 1, max_batch: wishes.maxPullBatch }),
    ...(wishes.inactiveThresholdMs > 0 && { inactive_threshold: nanoseconds(wishes.inactiveThresholdMs) }),
    ...filters(wishes.filterSubjects),
    ...startFields(start),
  }
}

/**
 * The same consumer beginning elsewhere. A shared one keeps whatever else it was set to; one of EDS's own takes the present settings.
 */
export function restartedConsumer(
  name: string,
  wishes: ConsumerWishes,
  start: ConsumerStart,
  former: ConsumerConfig | undefined,
): ConsumerConfig {
  if (!former || !wishes.isShared) return newConsumer(name, wishes, start)
  const { opt_start_seq: _sequence, opt_start_time: _time, ...kept } = withoutServerFields(former)
  return { ...withFilters(kept, wishes.filterSubjects), max_deliver: -1, ...startFields(start) }
}

/** What an existing consumer must be changed to; `undefined` when it is right. Only the delivery limit and the filters change. */
export function updatedConsumer(info: ConsumerInfo, filterSubjects: readonly string[]): ConsumerConfig | undefined {
  const isUnlimited = info.maxDeliver <= 0
  if (isUnlimited && sameSet(info.filterSubjects, filterSubjects)) return undefined
  return { ...withFilters(withoutServerFields(info.config), filterSubjects), max_deliver: -1 }
}

/** The filters taken out, for a consumer that gets them only after its start is settled. */
export function unfiltered(config: ConsumerConfig): ConsumerConfig {
  return withFilters(config, [])
}

export function withFilters(config: ConsumerConfig, filterSubjects: readonly string[]): ConsumerConfig {
  const { filter_subject: _one, filter_subjects: _several, ...rest } = config
  return { ...rest, ...filters(filterSubjects) }
}

/** One filter has a field of its own, which servers before 2.10 know too. */
function filters(subjects: readonly string[]): ConsumerConfig {
  if (subjects.length === 0) return {}
  return subjects.length === 1 ? { filter_subject: subjects[0] } : { filter_subjects: subjects }
}

function startFields(start: ConsumerStart): ConsumerConfig {
  switch (start.from) {
    case 'beginning':
      return { deliver_policy: 'all' }
    case 'now':
      return { deliver_policy: 'new' }
    case 'sequence':
      return { deliver_policy: 'by_start_sequence', opt_start_seq: Math.max(1, start.sequence) }
    case 'time':
      return { deliver_policy: 'by_start_time', opt_start_time: new Date(start.time).toISOString() }
  }
}

/** Metadata under `_nats.` is the server's own. */
function withoutServerFields(config: ConsumerConfig): ConsumerConfig {
  const { metadata, ...rest } = config
  if (typeof metadata !== 'object' || metadata === null) return rest
  const own = Object.entries(metadata).filter(([name]) => !name.startsWith('_nats.'))
  return own.length === 0 ? rest : { ...rest, metadata: Object.fromEntries(own) }
}

function sameSet(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((subject) => right.includes(subject))
}
