import { EdsError, type ErrorCode } from '@eds/core'
import { describe, expect, it } from 'vitest'
import { toEventHubError } from '../src/errors.js'

const codes: readonly (readonly [code: string, expected: ErrorCode])[] = [
  ['ServerBusyError', 'throttled'],
  ['QuotaExceededError', 'throttled'],
  ['SenderBusyError', 'throttled'],
  ['InsufficientCreditError', 'throttled'],
  ['UnauthorizedError', 'authentication'],
  ['PublisherRevokedError', 'authentication'],
  ['CredentialUnavailableError', 'authentication'],
  ['MessagingEntityNotFoundError', 'configuration'],
  ['MessagingEntityDisabledError', 'configuration'],
  ['ResourceDeletedError', 'configuration'],
  ['MessageTooLargeError', 'record'],
  ['ArgumentError', 'record'],
  ['DecodeError', 'record'],
  ['OperationTimeoutError', 'timeout'],
  ['ServiceUnavailableError', 'timeout'],
  ['DetachForcedError', 'connection'],
  ['ConnectionForcedError', 'connection'],
  ['InternalServerError', 'connection'],
  ['LinkRedirectError', 'connection'],
  ['AbortError', 'connection'],
  ['NotImplementedError', 'unsupported'],
  ['ECONNREFUSED', 'connection'],
  ['ECONNRESET', 'connection'],
  ['ENOTFOUND', 'connection'],
  ['EAI_AGAIN', 'connection'],
  ['ETIMEDOUT', 'connection'],
  ['EPIPE', 'connection'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'configuration'],
  ['CERT_HAS_EXPIRED', 'configuration'],
  ['SomethingNew', 'unknown'],
]

describe('errors', () => {
  it.each(codes)('%s is %s', (code, expected) => {
    expect(toEventHubError(Object.assign(new Error('no luck'), { code })).code).toBe(expected)
  })

  it.each([
    ['The underlying AMQP connection is closed.', 'connection'],
    ['something else', 'unknown'],
  ] as const)('"%s" is %s', (message, expected) => {
    expect(toEventHubError(new Error(message)).code).toBe(expected)
  })

  it.each([
    ['Error code : 50002. Please wait 10 seconds and try again.', 10_000],
    ['the entity is being throttled', 4_000],
  ])('"%s" waits %i ms', (message, expected) => {
    expect(toEventHubError(Object.assign(new Error(message), { code: 'ServerBusyError' })).retryAfterMs).toBe(expected)
  })

  it('looks into an aggregate, lets errors of the contract pass, and takes anything', () => {
    const refused = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })
    expect(toEventHubError(new AggregateError([refused])).code).toBe('connection')
    const known = new EdsError('record', 'known')
    expect(toEventHubError(known)).toBe(known)
    expect(toEventHubError(undefined).code).toBe('unknown')
  })

  it('shows no key', () => {
    const error = toEventHubError(
      new TypeError('bad: "Endpoint=sb://h/;SharedAccessKeyName=n;SharedAccessKey=a+b/c=d"'),
    )
    expect(error.message).not.toContain('a+b/c')
  })
})
