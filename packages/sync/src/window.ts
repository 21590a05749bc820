import type { SyncConfig } from './config.js'
import type { Head } from './head.js'

/** The oldest date in the observation period, epoch microseconds. */
export function windowStart({ trigger }: SyncConfig, now: number): number {
  return now - trigger.observationPeriod * 1_000_000
}

/** Events that an endpoint still lacks for a window. */
export function missingEvents(head: Head, eventKey: string, required: number, since: number): number {
  const recent = head.slots[eventKey]?.recent ?? []
  let found = 0
  for (let index = recent.length - 1; index >= 0 && found < required; index--) {
    if ((recent[index] ?? 0) < since) break
    found++
  }
  return required - found
}

/** True when a window fires now: every endpoint has enough unused events in the observation period. */
export function isComplete(head: Head, config: SyncConfig, now: number): boolean {
  if (config.trigger.type !== 'window') return false
  const since = windowStart(config, now)
  return config.endpoints.every((endpoint) => hasEnough(head, endpoint, since))
}

/** In constant time: looks at the newest event but `minNbOfOccurrence`. */
function hasEnough(head: Head, endpoint: { eventKey: string; minNbOfOccurrence: number }, since: number): boolean {
  const recent = head.slots[endpoint.eventKey]?.recent ?? []
  const oldest = recent[recent.length - endpoint.minNbOfOccurrence]
  return oldest !== undefined && oldest >= since
}
