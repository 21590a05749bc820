import { EdsError, type ErrorCode } from '@eds/core'
import { describe, expect, it } from 'vitest'
import { rowOf, toMigrationError, toMysqlError } from '../src/errors.js'
import { StatementError } from '../src/submission.js'

const numbers: readonly (readonly [errno: number, expected: ErrorCode])[] = [
  [1045, 'authentication'],
  [1142, 'authentication'],
  [1044, 'authentication'],
  [1227, 'authentication'],
  [4151, 'authentication'],
  [1049, 'configuration'],
  [3159, 'configuration'],
  [1290, 'connection'],
  [1836, 'connection'],
  [1021, 'connection'],
  [1114, 'connection'],
  [1040, 'connection'],
  [1205, 'connection'],
  [1213, 'connection'],
  [1053, 'connection'],
  [1317, 'connection'],
  [1927, 'connection'],
  [2006, 'connection'],
  [2013, 'connection'],
  [1226, 'throttled'],
  [1969, 'timeout'],
  [3024, 'timeout'],
  [1146, 'schema'],
  [1054, 'schema'],
  [1364, 'schema'],
  [1406, 'record'],
  [1264, 'record'],
  [1366, 'record'],
  [1292, 'record'],
  [3140, 'record'],
  [4025, 'record'],
  [1048, 'record'],
  [1062, 'record'],
  [1452, 'record'],
  [1118, 'record'],
  [1153, 'record'],
  [1148, 'unsupported'],
  [4166, 'unsupported'],
  [1064, 'unknown'],
]

const codes: readonly (readonly [code: string, expected: ErrorCode])[] = [
  ['ECONNREFUSED', 'connection'],
  ['ECONNRESET', 'connection'],
  ['ENOTFOUND', 'connection'],
  ['PROTOCOL_CONNECTION_LOST', 'connection'],
  ['HANDSHAKE_NO_SSL_SUPPORT', 'configuration'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'configuration'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'configuration'],
  ['AUTH_SWITCH_PLUGIN_ERROR', 'authentication'],
]

function failure(fields: object, message = 'no luck'): Error {
  return Object.assign(new Error(message), fields)
}

const statement = (indexes: readonly number[]) => ({
  table: 'order',
  text: 'INSERT',
  packet: Buffer.alloc(0),
  rows: indexes.map((index) => ({ index, position: '', texts: [] })),
  mustFind: false,
})

describe('errors', () => {
  it.each(numbers)('%d is %s', (errno, expected) => {
    expect(toMysqlError(failure({ errno })).code).toBe(expected)
  })

  it.each(codes)('%s is %s', (code, expected) => {
    expect(toMysqlError(failure({ code })).code).toBe(expected)
  })

  it('a connection that is closed is one that broke', () => {
    expect(toMysqlError(new Error("Can't add new command when connection is in closed state")).code).toBe('connection')
  })

  it('names the event whose row the server names, or the only one', () => {
    const error = failure({ errno: 1406 }, "Data too long for column 'a' at row 2")
    expect(rowOf(error)).toBe(2)
    const known = toMysqlError(new StatementError(error, statement([7, 9, 11])))
    expect(known).toMatchObject({ code: 'record', table: 'order', index: 9 })
    expect(toMysqlError(new StatementError(failure({ errno: 1048 }), statement([7]))).index).toBe(7)
    expect(toMysqlError(new StatementError(failure({ errno: 4025 }), statement([7, 9]))).index).toBeUndefined()
  })

  it('leaves errors of the contract alone, and takes anything', () => {
    const known = new EdsError('record', 'known')
    expect(toMysqlError(known)).toBe(known)
    expect(toMysqlError('text').message).toBe('MySQL: text')
    expect(toMysqlError(undefined).code).toBe('unknown')
  })

  it.each([
    [1050, 'connection'],
    [1060, 'connection'],
    [1071, 'unsupported'],
    [1118, 'unsupported'],
    [1142, 'authentication'],
    [1213, 'connection'],
  ] as const)('%d while making a table is %s', (errno, code) => {
    expect(toMigrationError(failure({ errno })).code).toBe(code)
    expect(toMigrationError(toMysqlError(failure({ errno }))).code).toBe(code)
  })
})
