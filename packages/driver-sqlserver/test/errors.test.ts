import { EdsError } from '@eds/core'
import { expect, it } from 'vitest'
import { toMigrationError, toSqlServerError } from '../src/errors.js'

function serverError(number: number): Error {
  return Object.assign(new Error('what the server says'), { code: 'EREQUEST', number })
}

function clientError(code: string, cause?: unknown): Error {
  return Object.assign(new Error('what the client says', { cause }), { code })
}

it.each([
  ['authentication', 18456, 229, 262, 300, 916, 4060],
  ['configuration', 911, 2760],
  ['connection', 3906, 1105, 9002, 1205, 1222, 3960, 701, 8645, 6005, 40613, 40197, 10054],
  ['throttled', 40501, 49918, 49920, 10928],
  ['schema', 207, 208, 213],
  ['record', 2627, 2601, 515, 547, 8152, 2628, 220, 242, 245, 8114, 8115, 50000],
  ['unsupported', 2714, 3726, 102],
  ['unknown', 4711],
] as const)('%s: errors %s …', (code, ...numbers: readonly number[]) => {
  for (const number of numbers) {
    expect(toSqlServerError(serverError(number))).toMatchObject({
      code,
      message: `SQL Server: what the server says (error ${number})`,
    })
  }
})

it.each([
  ['connection', clientError('ESOCKET')],
  ['connection', clientError('ESOCKET', clientError('ECONNREFUSED'))],
  ['connection', clientError('ECLOSE')],
  ['connection', clientError('ECONNRESET')],
  ['connection', clientError('EINSTLOOKUP')],
  ['connection', clientError('EINVALIDSTATE')],
  ['timeout', clientError('ETIMEOUT')],
  ['authentication', clientError('ELOGIN')],
  ['authentication', clientError('EFEDAUTH')],
  ['configuration', clientError('EENCRYPT')],
  ['configuration', clientError('ESOCKET', clientError('DEPTH_ZERO_SELF_SIGNED_CERT'))],
  ['unknown', new Error('something else')],
  ['unknown', 'a text'],
] as const)('%s: %s', (code, error) => {
  expect(toSqlServerError(error)).toMatchObject({ code })
})

it('throttling says for how long, and a place is named', () => {
  expect(toSqlServerError(serverError(40501)).retryAfterMs).toBe(10_000)
  expect(toSqlServerError(serverError(2627), { table: 'order', index: 3 })).toMatchObject({
    table: 'order',
    index: 3,
    message: 'SQL Server: what the server says (error 2627, table "order")',
  })
  const known = new EdsError('gap', 'known')
  expect(toSqlServerError(known)).toBe(known)
})

it('making a table is nobody’s fault but the table’s', () => {
  expect(toMigrationError(serverError(207))).toMatchObject({ code: 'unsupported' })
  expect(toMigrationError(serverError(2627))).toMatchObject({ code: 'unsupported' })
  expect(toMigrationError(serverError(262))).toMatchObject({ code: 'authentication' })
  expect(toMigrationError(clientError('ESOCKET'))).toMatchObject({ code: 'connection' })
})
