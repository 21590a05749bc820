import { EdsError, type ErrorCode } from '@eds/core'
import { describe, expect, it } from 'vitest'
import { breaksSession, toMigrationError, toSnowflakeError } from '../src/errors.js'

const codes: readonly (readonly [code: string | number, expected: ErrorCode, breaks: boolean])[] = [
  ['390100', 'authentication', false],
  ['390101', 'authentication', false],
  ['390144', 'authentication', false],
  ['390189', 'authentication', false],
  ['390201', 'configuration', false],
  ['390111', 'connection', true],
  ['390112', 'connection', true],
  ['390114', 'connection', true],
  ['002003', 'schema', false],
  ['000904', 'schema', false],
  ['001430', 'schema', false],
  ['003001', 'authentication', false],
  ['000606', 'connection', false],
  ['000609', 'connection', false],
  ['090073', 'connection', false],
  ['000630', 'timeout', false],
  ['000604', 'timeout', false],
  ['000625', 'throttled', false],
  ['100035', 'record', false],
  ['100038', 'record', false],
  ['100040', 'record', false],
  ['100072', 'record', false],
  ['100078', 'record', false],
  ['100090', 'record', false],
  ['001003', 'unsupported', false],
  ['999999', 'unknown', true],
  [401001, 'connection', true],
  [401002, 'connection', true],
  [407002, 'connection', true],
  [404001, 'configuration', false],
  ['ECONNREFUSED', 'connection', true],
  ['ENOTFOUND', 'connection', true],
  ['CERT_HAS_EXPIRED', 'configuration', false],
]

function failure(fields: object, message = 'no luck'): Error {
  return Object.assign(new Error(message), fields)
}

describe('errors', () => {
  it.each(codes)('%s is %s', (code, expected, breaks) => {
    const known = toSnowflakeError(failure({ code }))
    expect(known.code).toBe(expected)
    expect(breaksSession(known)).toBe(breaks)
  })

  it('looks at what caused an error of the client library', () => {
    const refused = failure({ code: 401001, cause: failure({ code: 'SELF_SIGNED_CERT_IN_CHAIN' }) })
    expect(toSnowflakeError(refused).code).toBe('configuration')
    expect(toSnowflakeError(failure({ code: 401002, response: { statusCode: 404 } })).code).toBe('configuration')
    expect(toSnowflakeError(failure({ code: 401002, response: { statusCode: 429 } })).code).toBe('throttled')
    expect(toSnowflakeError(failure({ code: 401002, response: { statusCode: 503 } })).code).toBe('connection')
  })

  it('says where and what to do, on one line', () => {
    const error = failure({ code: '003001' }, 'SQL access control error:\nInsufficient privileges')
    expect(toSnowflakeError(error, { table: 'order' })).toMatchObject({
      message: 'Snowflake: SQL access control error: Insufficient privileges (code 003001, table "order")',
      fix: expect.stringContaining('GRANT'),
      table: 'order',
    })
  })

  it('drops requests and answers, which hold tokens', () => {
    const error = failure({ code: 401002, response: { statusCode: 500, config: { headers: { token: 's3cr3t' } } } })
    const { cause } = toSnowflakeError(error)
    expect(cause).toMatchObject({ message: 'no luck', code: '401002' })
    expect(cause).not.toHaveProperty('response')
  })

  it('leaves errors of the contract alone, and takes anything', () => {
    const known = new EdsError('record', 'known')
    expect(toSnowflakeError(known)).toBe(known)
    expect(toSnowflakeError('text').message).toBe('Snowflake: text')
    expect(toSnowflakeError(undefined).code).toBe('unknown')
    expect(toSnowflakeError(failure({ code: 'ECONNREFUSED' }, '')).message).toContain('ECONNREFUSED')
  })

  it.each([
    ['002003', 'authentication'],
    ['003001', 'authentication'],
    ['100072', 'unsupported'],
    ['000606', 'connection'],
  ] as const)('%s while making a table is %s', (code, expected) => {
    expect(toMigrationError(failure({ code })).code).toBe(expected)
    expect(toMigrationError(toSnowflakeError(failure({ code }))).code).toBe(expected)
  })
})
