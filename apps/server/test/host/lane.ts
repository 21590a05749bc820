import type { LaneStatus } from '@eds/core'

/** A lane's status for tests: running well, unless told otherwise. */
export function lane(overrides: Partial<LaneStatus> = {}): LaneStatus {
  return {
    sink: 'orders',
    driver: 'file',
    state: 'running',
    since: 0,
    pendingEvents: 0,
    pendingBytes: 0,
    totalEvents: 0,
    totalBytes: 0,
    skippedEvents: 0,
    retries: 0,
    deadLetters: 0,
    ...overrides,
  }
}
