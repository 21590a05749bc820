import { EdsError } from '@eds/core'

/** Settles with the promise, or rejects when the signal aborts (`connection`) or the time is over (`timeout`). */
export async function withDeadline<T>(
  promise: Promise<T>,
  signal: AbortSignal,
  { timeoutMs, what }: { readonly timeoutMs: number; readonly what: string },
): Promise<T> {
  let settle = () => {}
  const over = new Promise<never>((_, reject) => {
    const onAbort = () => reject(new EdsError('connection', `Kafka: ${what} was given up before it was finished`))
    const onTimeout = () => reject(new EdsError('timeout', `Kafka: ${what} took longer than ${timeoutMs} ms`))
    const timer = setTimeout(onTimeout, timeoutMs)
    signal.addEventListener('abort', onAbort, { once: true })
    if (signal.aborted) onAbort()
    settle = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
    }
  })
  try {
    return await Promise.race([promise, over])
  } finally {
    settle()
  }
}
