import { EdsError } from './errors.js'

/** When {@link withDeadline} gives up, and what it says then. */
export interface Deadline {
  /** Aborts when the caller no longer waits. */
  readonly signal?: AbortSignal | undefined
  /** The longest that the work may take. Default: no limit. */
  readonly timeoutMs?: number | undefined
  /** What the error begins with: `Redis (localhost:6379)`. */
  readonly what: string
  /** What to do about work that took too long. */
  readonly fix?: string
  /** Called before the rejection. Ends what the work waits for, so that what was asked is not answered to somebody else. */
  readonly giveUp?: () => void
}

/**
 * Settles as `work` does, or rejects at once with `EdsError('connection')` when the signal aborts, with `EdsError('timeout')` when it
 * takes too long. For client libraries that heed no signal. When the signal has aborted already, `work` is not begun.
 */
export async function withDeadline<T>(work: () => Promise<T>, deadline: Deadline): Promise<T> {
  const { signal, timeoutMs, what, fix, giveUp } = deadline
  const givenUp = () => new EdsError('connection', `${what}: given up, the caller no longer waits`)
  if (signal?.aborted) throw givenUp()
  let settle = () => {}
  const over = new Promise<never>((_, reject) => {
    const end = (error: EdsError) => {
      giveUp?.()
      reject(error)
    }
    const onAbort = () => end(givenUp())
    const onTimeout = () =>
      end(new EdsError('timeout', `${what}: no answer within ${timeoutMs} ms`, fix === undefined ? {} : { fix }))
    const timer = timeoutMs === undefined ? undefined : setTimeout(onTimeout, timeoutMs)
    signal?.addEventListener('abort', onAbort, { once: true })
    settle = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
    }
  })
  try {
    // What loses may still reject; nobody hears of it.
    return await Promise.race([work(), over])
  } finally {
    settle()
  }
}
