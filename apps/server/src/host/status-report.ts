import type { LaneState, LaneStatus } from '@eds/core'
import { isUnwell, pendingAgeMs } from './lane-facts.js'

/** One sink, for people and for `eds status --json`. Holds no secret. */
export interface SinkReport {
  readonly name: string
  readonly driver: string
  /** The destination's URL, masked. */
  readonly destination: string
  readonly state: LaneState
  /** How long it has been in this state, milliseconds. */
  readonly stateMs: number
  /** Events that the sink does not have yet. */
  readonly lagEvents: number
  /** Age of the oldest event that is read and not yet durable; 0 when there is none. */
  readonly lagSeconds: number
  readonly eventsPerSecond: number
  readonly totalEvents: number
  readonly skippedEvents: number
  readonly retries: number
  readonly deadLetters: number
  readonly position?: string
  /** When the source stored the last event delivered, epoch milliseconds. */
  readonly positionTime?: number
  readonly lastError?: { readonly code: string; readonly message: string; readonly at: number }
}

export interface StatusReport {
  /** `waiting`: managed from HQ, and nothing is delivered yet. */
  readonly status: 'ok' | 'waiting' | 'degraded' | 'shutting down'
  /** Why nothing is delivered, where there is no sink at work. */
  readonly reason?: string
  readonly version: string
  readonly pid: number
  readonly uptimeMs: number
  readonly sinks: readonly SinkReport[]
}

export interface ReportFacts {
  readonly version: string
  readonly startedAt: number
  readonly shuttingDown: boolean
  readonly now: number
  /** Masked URL by sink. */
  readonly destinations: ReadonlyMap<string, string>
  /** Events per second by sink. */
  readonly rates: ReadonlyMap<string, number>
}

export function statusReport(lanes: readonly LaneStatus[], facts: ReportFacts): StatusReport {
  const { version, startedAt, shuttingDown, now } = facts
  return {
    status: shuttingDown ? 'shutting down' : lanes.some(isUnwell) ? 'degraded' : 'ok',
    version,
    pid: process.pid,
    uptimeMs: now - startedAt,
    sinks: lanes.map((lane) => sinkReport(lane, facts)),
  }
}

function sinkReport(lane: LaneStatus, { now, destinations, rates }: ReportFacts): SinkReport {
  const { sink, driver, state, since, totalEvents, skippedEvents, retries, deadLetters, error } = lane
  return {
    name: sink,
    driver,
    destination: destinations.get(sink) ?? '',
    state,
    stateMs: now - since,
    lagEvents: lane.pendingEvents + (lane.behindEvents ?? 0),
    lagSeconds: (pendingAgeMs(lane, now) ?? 0) / 1_000,
    eventsPerSecond: rates.get(sink) ?? 0,
    totalEvents,
    skippedEvents,
    retries,
    deadLetters,
    ...(lane.position !== undefined && { position: lane.position }),
    ...(lane.positionTime !== undefined && { positionTime: lane.positionTime }),
    ...(error && { lastError: error }),
  }
}
