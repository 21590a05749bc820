import type { EventEmitter } from 'node:events'

/** Not SIGHUP: listening to it would undo `nohup`. */
const signals = ['SIGINT', 'SIGTERM'] as const

/** What is needed of `process`. */
export interface Interruptible extends Pick<EventEmitter, 'on'> {
  exit(code: number): void
}

/**
 * A signal that is aborted by the first SIGINT or SIGTERM, so that what is in flight can be finished. The second one ends
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
