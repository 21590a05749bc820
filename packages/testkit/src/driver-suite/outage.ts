import { isEdsError } from '@eds/core'
import { unless } from '../conformance/conformance-case.js'
import { demand } from '../conformance/violation.js'
import type { DriverCaseContext } from './case-context.js'

export function canBreak({ options }: DriverCaseContext): string | undefined {
  return unless(
    options.connection !== undefined,
    'the suite was given no way to cut the connection (option `connection`)',
  )
}

const outageCodes: ReadonlySet<string> = new Set(['connection', 'throttled', 'timeout'])

/**
 * Fails when a call rejected with anything but a code for an outage. `unknown` is retried too, but only a few times: then the lane
 * takes the events for poison and sets them aside.
 */
export function demandOutage(outcome: PromiseSettledResult<unknown>, what: string): void {
  if (outcome.status === 'fulfilled') return
  const error: unknown = outcome.reason
  demand(isEdsError(error), () => `${what} rejected with something else than an EdsError: ${error}`)
  demand(
    outageCodes.has(error.code),
    () =>
      `${what} rejected with the code "${error.code}", but an outage is "connection", "timeout" or "throttled", which are ` +
      `retried for ever: ${error.message}`,
  )
}

/** Runs `during` while the destination is out of reach, or hangs, and lets it back whatever happens. */
export async function whileDown(
  { options: { connection } }: DriverCaseContext,
  how: 'break' | 'stall',
  during: () => Promise<void>,
): Promise<void> {
  await connection?.[how]?.()
  try {
    await during()
  } finally {
    await connection?.restore()
  }
}
