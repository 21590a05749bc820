import { EdsError } from '@eds/core'
import { expect, it } from 'vitest'
import { toSocketioError } from '../src/errors.js'

const coded = (code: string, message = 'something') => Object.assign(new Error(message), { code })

it.each<[error: unknown, code: string]>([
  [coded('EADDRINUSE'), 'connection'],
  [coded('EACCES'), 'configuration'],
  [coded('ECONNREFUSED', ''), 'connection'],
  [coded('ENOTFOUND'), 'connection'],
  [coded('ERR_MODULE_NOT_FOUND'), 'configuration'],
  [coded('28P01'), 'authentication'],
  [coded('42501'), 'authentication'],
  [coded('42P01'), 'configuration'],
  [coded('57P01'), 'connection'],
  [coded('53300'), 'connection'],
  [coded('ER_ACCESS_DENIED_ERROR'), 'authentication'],
  [coded('ER_NO_SUCH_TABLE'), 'configuration'],
  [coded('ERR_JWKS_TIMEOUT'), 'timeout'],
  [coded('constructor'), 'unknown'],
  [new Error('WRONGPASS invalid username-password pair'), 'authentication'],
  [new Error('fetch failed'), 'connection'],
  [new Error('what is this'), 'unknown'],
  ['text', 'unknown'],
  [undefined, 'unknown'],
  [new EdsError('timeout', 'known'), 'timeout'],
])('%s is %s', (error, code) => expect(toSocketioError(error, 'starting').code).toBe(code))

it('says what failed, without a password', () => {
  const error = toSocketioError(new Error('connect postgres://eds:s3cret@db/x failed'), 'looking up')
  expect(error.message).toBe('socket.io: looking up: connect postgres://eds:***@db/x failed')
})
