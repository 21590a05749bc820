import type { Clock } from '@eds/core'
import type { DriverSender } from '@eds/sync'
import type { Delivery } from './delivery.js'

const pauseMs = 30_000

/**
 * Connects before there is a message, so that what is wrong is known at once; again while that fails, so that it is known, too, when it has
 * been put right. Resolves when the destination was reached or the signal aborts.
 */
export async function tryDestination(
  { connect }: Pick<DriverSender, 'connect'>,
  delivery: Pick<Delivery, 'note'>,
  { clock, signal }: { readonly clock: Pick<Clock, 'sleep'>; readonly signal: AbortSignal },
): Promise<void> {
  while (!signal.aborted) {
    const error = await connect()
    if (signal.aborted) return
    delivery.note(error)
    if (error === undefined) return
    await clock.sleep(pauseMs, signal)
  }
}
