import { EdsError, type ErrorCode } from '@eds/core'
import { ClientClosedError, ErrorReply, MultiErrorReply, SocketClosedUnexpectedlyError } from 'redis'
import { describe, expect, it } from 'vitest'
import { toRedisError } from '../src/errors.js'

const wrongType = new ErrorReply('WRONGTYPE Operation against a key holding the wrong kind of value')
const failing = (code: string) => Object.assign(new Error('broken'), { code })

const thrown: readonly (readonly [unknown, ErrorCode])[] = [
  [new ErrorReply('WRONGPASS invalid username-password pair or user is disabled.'), 'authentication'],
  [new ErrorReply('NOAUTH Authentication required.'), 'authentication'],
  [new ErrorReply('NOPERM this user has no permissions to run the xadd command'), 'authentication'],
  [new ErrorReply("OOM command not allowed when used memory > 'maxmemory'."), 'connection'],
  [new ErrorReply("READONLY You can't write against a read only replica."), 'connection'],
  [new ErrorReply('MOVED 3999 127.0.0.1:6381'), 'unsupported'],
  [new ErrorReply('ERR something else'), 'unknown'],
  [wrongType, 'configuration'],
  [new MultiErrorReply([wrongType], [0]), 'configuration'],
  [new ClientClosedError(), 'connection'],
  [new SocketClosedUnexpectedlyError(), 'connection'],
  [failing('ECONNREFUSED'), 'connection'],
  [failing('CERT_HAS_EXPIRED'), 'configuration'],
  [failing('WHATEVER'), 'unknown'],
  ['text', 'unknown'],
]

describe('errors', () => {
  it.each(thrown)('%s is %s', (error, code) => {
    expect(toRedisError(error, 'here').code).toBe(code)
  })

  it('says what, where and what to do, and leaves errors of the contract alone', () => {
    const error = toRedisError(new MultiErrorReply([wrongType], [0]), 'Redis (db:6379)')
    expect(error.message).toBe(`Redis (db:6379): ${wrongType.message}`)
    expect(error.fix).toContain('choose another prefix')
    const known = new EdsError('record', 'known')
    expect(toRedisError(known, 'here')).toBe(known)
  })
})
