import type { EventEmitter } from 'node:events'

/** Not SIGHUP, which a server with a configuration file listens to: elsewhere listening to it would undo `nohup`. */
const signals = ['SIGINT', 'SIGTERM'] as const

/**
 * Programs in between (npm, timeout, init processes) pass a signal on that the terminal, or they themselves, sent to the whole group:
 * what comes so soon is the same wish twice.
 */
const echoMs = 1_000

/** What is needed of `process`. */
export interface Interruptible extends Pick<EventEmitter, 'on'> {
  exit(code: number): void
}

/**
 * A signal that is aborted by the first SIGINT or SIGTERM, so that what is in flight can be finished. Another one later ends
 * the process at once: someone is impatient, and nothing is lost by it.
 *
 * @param now - milliseconds of a clock that does not jump
 */
export function untilAsked(process: Interruptible, now: () => number = () => performance.now()): AbortSignal {
  const controller = new AbortController()
  let askedAt = 0
  for (const signal of signals) {
    process.on(signal, () => {
      if (!controller.signal.aborted) askedAt = now()
      else if (now() - askedAt > echoMs) process.exit(1)
      controller.abort()
    })
  }
  return controller.signal
}
