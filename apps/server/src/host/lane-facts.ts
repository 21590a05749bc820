import type { LaneStatus } from '@eds/core'

/** Milliseconds since the source stored the oldest event that is not durable yet; `undefined` when none is pending. */
export function pendingAgeMs({ oldestPendingTime }: LaneStatus, now: number): number | undefined {
  return oldestPendingTime === undefined ? undefined : Math.max(0, now - oldestPendingTime)
}

/** Whether a sink needs a look: it is failing, or has failed for good. */
export function isUnwell({ state, error }: LaneStatus): boolean {
  return state === 'retrying' || (state === 'stopped' && error !== undefined)
}
