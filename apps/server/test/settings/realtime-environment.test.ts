import { describe, expect, it } from 'vitest'
import {
  environmentDatabase,
  isOn,
  readRealtimeEnvironment,
  splitList,
} from '../../src/settings/realtime-environment.js'

describe("esink's variables", () => {
  it.each([
    ['users,orders', 'users,orders'],
    [`'users,orders'`, 'users,orders'],
    [` "users" `, 'users'],
    [`'{"a": "b"}'`, '{"a": "b"}'],
    [`'half`, `'half`],
    [`"'kept'"`, `'kept'`],
  ])('%j is %j', (given, value) => {
    expect(readRealtimeEnvironment({ TABLE_NAMES: given })).toEqual({ TABLE_NAMES: value })
  })

  it.each(['', ' ', `''`, undefined])('%j is absent', (given) => {
    expect(readRealtimeEnvironment({ TABLE_NAMES: given, HOME: '/x' })).toEqual({})
  })

  it.each([
    ['true', true],
    ['1', true],
    ['anything', true],
    ['false', false],
    ['FALSE', false],
    ['0', false],
    ['no', false],
    ['off', false],
    [undefined, false],
  ])('%j means %j', (value, on) => {
    expect(isOn(value)).toBe(on)
  })

  it('lists have no empty items', () => {
    expect(splitList(' users, ,orders,')).toEqual(['users', 'orders'])
    expect(splitList(undefined)).toEqual([])
  })
})

describe('the database', () => {
  it.each([
    [{ POSTGRES_DATABASE_URL: 'postgres://a@b/c' }, 'postgres://a@b/c'],
    [{ POSTGRES_DATABASE_URL: 'postgres://a@b/c', MYSQL_DATABASE: 'shop' }, 'mysql://root@localhost:3306/shop'],
    [
      { MYSQL_DATABASE: 'shop', MYSQL_HOST: 'db', MYSQL_PORT: '3307', MYSQL_USERNAME: 'u', MYSQL_PASSWORD: 'p@s/s' },
      'mysql://u:p%40s%2Fs@db:3307/shop',
    ],
    [{}, undefined],
  ])('of %j is %j', (values, url) => {
    const problems: string[] = []
    expect(environmentDatabase(values, problems)).toBe(url)
    expect(problems).toEqual([])
  })

  it.each(['0', '65536', '33o6'])('has no port %j', (port) => {
    const problems: string[] = []
    expect(environmentDatabase({ MYSQL_DATABASE: 'shop', MYSQL_PORT: port }, problems)).toBeUndefined()
    expect(problems).toEqual([`MYSQL_PORT is "${port}", which is no port`])
  })
})
