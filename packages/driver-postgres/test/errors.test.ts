import { EdsError, type ErrorCode } from '@eds/core'
import { describe, expect, it } from 'vitest'
import { copyLineOf, toMigrationError, toPostgresError } from '../src/errors.js'

const states: readonly (readonly [code: string, expected: ErrorCode])[] = [
  ['28P01', 'authentication'],
  ['28000', 'authentication'],
  ['42501', 'authentication'],
  ['3D000', 'configuration'],
  ['3F000', 'configuration'],
  ['25006', 'connection'],
  ['08000', 'connection'],
  ['08006', 'connection'],
  ['53100', 'connection'],
  ['53300', 'connection'],
  ['57P01', 'connection'],
  ['57P03', 'connection'],
  ['58030', 'connection'],
  ['40001', 'connection'],
  ['40P01', 'connection'],
  ['55P03', 'connection'],
  ['25P03', 'connection'],
  ['57014', 'timeout'],
  ['42P01', 'schema'],
  ['42703', 'schema'],
  ['42P10', 'schema'],
  ['42804', 'schema'],
  ['21000', 'record'],
  ['22001', 'record'],
  ['22P05', 'record'],
  ['23502', 'record'],
  ['23505', 'record'],
  ['54001', 'record'],
  ['P0001', 'record'],
  ['0A000', 'unsupported'],
  ['2BP01', 'unsupported'],
  ['42601', 'unknown'],
  ['XX000', 'unknown'],
  ['ECONNREFUSED', 'connection'],
  ['ECONNRESET', 'connection'],
  ['ENOTFOUND', 'connection'],
  ['EAI_AGAIN', 'connection'],
  ['EPIPE', 'connection'],
  ['ETIMEDOUT', 'connection'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'configuration'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'configuration'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'configuration'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'configuration'],
  ['CERT_HAS_EXPIRED', 'configuration'],
]

const messages: readonly (readonly [message: string, expected: ErrorCode])[] = [
  ['The server does not support SSL connections', 'configuration'],
  ['Connection terminated unexpectedly', 'connection'],
  ['Client has encountered a connection error and is not queryable', 'connection'],
  ['timeout expired', 'connection'],
  ['SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string', 'authentication'],
  ['something else', 'unknown'],
]

function failure(fields: object, message = 'no luck'): Error {
  return Object.assign(new Error(message), fields)
}

describe('errors', () => {
  it.each(states)('%s is %s', (code, expected) => {
    expect(toPostgresError(failure({ code })).code).toBe(expected)
  })

  it.each(messages)('"%s" is %s', (message, expected) => {
    expect(toPostgresError(new Error(message)).code).toBe(expected)
  })

  it('says where and what to do', () => {
    const error = failure({ code: '28P01' }, 'password authentication failed for user "eds"')
    expect(toPostgresError(error)).toMatchObject({
      message: 'PostgreSQL: password authentication failed for user "eds" (code 28P01)',
      fix: expect.stringContaining('pg_hba.conf'),
      cause: error,
    })
    const fields = { code: '23505', table: 'order', column: 'number', constraint: 'order_number_key' }
    expect(toPostgresError(failure(fields, 'duplicate key'))).toMatchObject({
      message: 'PostgreSQL: duplicate key (code 23505, table "order", column "number", constraint "order_number_key")',
      table: 'order',
    })
  })

  it('adds what the caller knows, which the server knows better', () => {
    expect(toPostgresError(failure({ code: '22P02' }), { table: 'order', index: 3 })).toMatchObject({
      table: 'order',
      index: 3,
    })
    expect(toPostgresError(failure({ code: '22P02', table: 'real' }), { table: 'guess' }).table).toBe('real')
  })

  it('leaves errors of the contract alone, and takes anything', () => {
    const known = new EdsError('record', 'known')
    expect(toPostgresError(known)).toBe(known)
    expect(toPostgresError('text').message).toBe('PostgreSQL: text')
    expect(toPostgresError(undefined).code).toBe('unknown')
    expect(toPostgresError(failure({ code: 'ECONNREFUSED' }, '')).message).toContain('ECONNREFUSED')
  })

  it.each([
    ['42701', 'unsupported'],
    ['42P07', 'unsupported'],
    ['42P01', 'unsupported'],
    ['54011', 'unsupported'],
    ['42501', 'authentication'],
    ['57P01', 'connection'],
    ['55P03', 'connection'],
  ] as const)('%s while making a table is %s', (code, expected) => {
    expect(toMigrationError(failure({ code })).code).toBe(expected)
    expect(toMigrationError(toPostgresError(failure({ code }))).code).toBe(expected)
  })
})

describe('line of COPY data', () => {
  it.each([
    ['COPY eds_stage, line 12, column c2: "x"', 12],
    ['COPY eds_stage, Zeile 7', 7],
    ['JSON data, line 1: {...\nCOPY eds_stage, line 3, column c0: "COPY eds_stage, line 9"', 3],
    ['unnamed portal with parameters', undefined],
    ['COPY another, line 12', undefined],
  ])('%j', (where, line) => {
    expect(copyLineOf(failure({ where }), 'eds_stage')).toBe(line)
  })

  it('finds tables of any name', () => {
    expect(copyLineOf(failure({ where: 'COPY 2 "a\nb", line 5, column x' }), '2 "a\nb"')).toBe(5)
    expect(copyLineOf(new Error('no context'), 'x')).toBeUndefined()
  })
})
