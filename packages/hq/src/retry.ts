/** A try that failed, as far as it decides about another. */
export type FailedTry =
  | { readonly kind: 'status'; readonly status: number; readonly retryAfterMs?: number }
  /** The code of the system or of the HTTP client, such as `ECONNREFUSED`. */
  | { readonly kind: 'network'; readonly code: string }
  | { readonly kind: 'timeout' }

export interface RetryFacts {
  /** 0 for the first. */
  readonly attempt: number
  /** Since the first try began. */
  readonly elapsedMs: number
  /** No try begins later than this after the first. */
  readonly limitMs: number
  /** Uniform in [0, 1). */
  readonly random: number
}

const statuses: ReadonlySet<number> = new Set([408, 429, 502, 503, 504])
const networkCodes: ReadonlySet<string> = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET'])

const firstDelayMs = 250
const longestDelayMs = 8_000

/**
 * How long to wait before the next try, in milliseconds; `undefined` when there is to be none. Delays double, half of each is chance,
 * and `Retry-After` is the least. Pure.
 */
export function retryDelay(
  failure: FailedTry,
  { attempt, elapsedMs, limitMs, random }: RetryFacts,
): number | undefined {
  if (!isWorthIt(failure)) return undefined
  const backoff = Math.min(firstDelayMs * 2 ** attempt, longestDelayMs)
  const wanted = failure.kind === 'status' ? (failure.retryAfterMs ?? 0) : 0
  const delay = Math.round(wanted + backoff * (0.5 + random / 2))
  return elapsedMs + delay <= limitMs ? delay : undefined
}

function isWorthIt(failure: FailedTry): boolean {
  if (failure.kind === 'status') return statuses.has(failure.status)
  return failure.kind === 'network' && networkCodes.has(failure.code)
}

/** `Retry-After`, in seconds or as a date (RFC 9110, section 10.2.3), as milliseconds from now. Pure. */
export function parseRetryAfter(header: string | null, now: number): number | undefined {
  if (header === null) return undefined
  if (/^\d{1,9}$/.test(header.trim())) return Number(header) * 1_000
  const date = Date.parse(header)
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}
