import type { EventEmitter } from 'node:events'

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** What is needed of `process`. */
export interface Interruptible extends Pick<EventEmitter, 'on'> {
  exit(code: number): void
}

/**
 * A signal that is aborted by the first SIGINT, SIGTERM or SIGHUP, so that what is in flight can be finished. The second one ends
 * the process at once: someone is impatient, and nothing is lost by it.
 */
export function untilAsked(process: Interruptible): AbortSignal {
  const controller = new AbortController()
  for (const signal of signals) {
    process.on(signal, () => {
      if (controller.signal.aborted) process.exit(1)
      controller.abort()
    })
  }
  return controller.signal
}
