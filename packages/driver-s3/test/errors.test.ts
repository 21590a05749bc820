import { EdsError } from '@eds/core'
import { expect, it } from 'vitest'
import { isDenied, toS3Error } from '../src/errors.js'

const asIs = (text: string) => text
const service = (name: string, status: number, more: object = {}) =>
  Object.assign(new Error('reason'), { name, $metadata: { httpStatusCode: status }, ...more })
const network = (code: string) => Object.assign(new Error('reason'), { code })

it.each([
  [service('SlowDown', 503), 'throttled'],
  [service('ServiceUnavailable', 503), 'throttled'],
  [service('Whatever', 503), 'throttled'],
  [service('TooManyRequests', 429), 'throttled'],
  [service('ExpiredToken', 400), 'authentication'],
  [service('InvalidToken', 400), 'authentication'],
  [service('AccessDenied', 403), 'authentication'],
  [service('InvalidAccessKeyId', 403), 'authentication'],
  [service('SignatureDoesNotMatch', 403), 'authentication'],
  [service('CredentialsProviderError', 0), 'authentication'],
  [service('Unknown', 403), 'authentication'],
  [service('NoSuchBucket', 404), 'configuration'],
  [service('PermanentRedirect', 301), 'configuration'],
  [service('AuthorizationHeaderMalformed', 400), 'configuration'],
  [service('RequestTimeTooSkewed', 403), 'configuration'],
  [service('KMS.DisabledException', 400), 'configuration'],
  [service('EntityTooLarge', 400), 'record'],
  [service('KeyTooLongError', 400), 'record'],
  [service('RequestTimeout', 400), 'timeout'],
  [service('TimeoutError', 0), 'timeout'],
  [service('Unknown', 504), 'timeout'],
  [service('InternalError', 500), 'connection'],
  [service('BadDigest', 400), 'connection'],
  [service('NoSuchUpload', 404), 'connection'],
  [service('XMinioStorageFull', 507), 'connection'],
  [service('Error', 500, { Code: 'InternalError' }), 'connection'],
  [service('NotImplemented', 501), 'unsupported'],
  [service('InvalidRequest', 400), 'unknown'],
  [network('ECONNREFUSED'), 'connection'],
  [network('ECONNRESET'), 'connection'],
  [network('EPIPE'), 'connection'],
  [network('ENOTFOUND'), 'connection'],
  [network('EAI_AGAIN'), 'connection'],
  [network('ETIMEDOUT'), 'timeout'],
  [network('DEPTH_ZERO_SELF_SIGNED_CERT'), 'configuration'],
  [new Error('reason'), 'unknown'],
  ['reason', 'unknown'],
])('%o is %s', (error, code) => {
  expect(toS3Error(error, 'writing "k"', asIs)).toMatchObject({ code })
})

it('says what was tried, what came back and what to do', () => {
  const error = toS3Error(service('NoSuchBucket', 404), 'opening the bucket "b"', asIs)
  expect(error.message).toBe('S3: opening the bucket "b" failed: reason (NoSuchBucket, HTTP 404)')
  expect(error.fix).toMatch(/create the bucket/)
})

it('waits as long as the server says', () => {
  const error = service('SlowDown', 503, { $response: { headers: { 'retry-after': '7' } } })
  expect(toS3Error(error, 'x', asIs).retryAfterMs).toBe(7_000)
})

it('shows no secret, not in its cause either', () => {
  const error = toS3Error(new Error('Credential=AKIA'), 'x', (text) => text.replace('AKIA', '***'))
  expect(error.message).toContain('Credential=***')
  expect(error.cause).toBeUndefined()
})

it('lets errors that have a code already pass', () => {
  const error = new EdsError('record', 'reason', { index: 3 })
  expect(toS3Error(error, 'x', asIs)).toBe(error)
})

it('tells a refusal of the rights from one of the keys', () => {
  expect(isDenied(service('AccessDenied', 403))).toBe(true)
  expect(isDenied(service('SignatureDoesNotMatch', 403))).toBe(false)
})
