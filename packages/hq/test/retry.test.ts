import { describe, expect, it } from 'vitest'
import { type FailedTry, parseRetryAfter, retryDelay } from '../src/retry.js'

const first = { attempt: 0, elapsedMs: 0, limitMs: 30_000, random: 0 }
const status = (code: number, retryAfterMs?: number): FailedTry => ({
  kind: 'status',
  status: code,
  ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
})
const network = (code: string): FailedTry => ({ kind: 'network', code })

describe('retryDelay', () => {
  it.each([408, 429, 502, 503, 504])('tries again after %i', (code) => {
    expect(retryDelay(status(code), first)).toBe(125)
  })

  it.each([400, 401, 403, 404, 409, 500, 501])('gives up at %i', (code) => {
    expect(retryDelay(status(code), first)).toBeUndefined()
  })

  it.each([
    { failure: network('ECONNREFUSED'), facts: first, delay: 125 },
    { failure: network('ECONNRESET'), facts: first, delay: 125 },
    { failure: network('UND_ERR_SOCKET'), facts: first, delay: 125 },
    { failure: network('ENOTFOUND'), facts: first, delay: undefined },
    { failure: network('CERT_HAS_EXPIRED'), facts: first, delay: undefined },
    { failure: { kind: 'timeout' } as const, facts: first, delay: undefined },
    { failure: status(503), facts: { ...first, random: 0.5 }, delay: 188 },
    { failure: status(503), facts: { ...first, attempt: 3 }, delay: 1_000 },
    { failure: status(503), facts: { ...first, attempt: 30 }, delay: 4_000 },
    { failure: status(503), facts: { ...first, elapsedMs: 29_875 }, delay: 125 },
    { failure: status(503), facts: { ...first, elapsedMs: 29_876 }, delay: undefined },
    { failure: status(429, 7_000), facts: first, delay: 7_125 },
    { failure: status(429, 60_000), facts: first, delay: undefined },
  ])('waits $delay ms after $failure', ({ failure, facts, delay }) => {
    expect(retryDelay(failure, facts)).toBe(delay)
  })
})

describe('parseRetryAfter', () => {
  const now = Date.UTC(2026, 0, 1)
  it.each([
    { header: null, ms: undefined },
    { header: '3', ms: 3_000 },
    { header: 'Thu, 01 Jan 2026 00:00:05 GMT', ms: 5_000 },
    { header: 'Wed, 31 Dec 2025 00:00:00 GMT', ms: 0 },
    { header: 'soon', ms: undefined },
  ])('reads $header', ({ header, ms }) => {
    expect(parseRetryAfter(header, now)).toBe(ms)
  })
})
