import type { EdsError } from '../errors.js'
import type { RetryOptions } from './types.js'

export const retryDefaults: RetryOptions = { baseMs: 100, maxMs: 30_000, unknownAttempts: 5 }

/**
 * Wait before the next attempt, milliseconds: exponential with full jitter, at least a tenth of the step so that it never spins,
 * and never shorter than the destination asked for. `attempt` counts from 1.
 */
export function backoffMs(attempt: number, error: EdsError, options: RetryOptions, random: () => number): number {
  const step = Math.min(options.maxMs, options.baseMs * 2 ** Math.min(attempt - 1, 30))
  const jittered = step * (0.1 + 0.9 * random())
  return Math.max(jittered, error.retryAfterMs ?? 0)
}
