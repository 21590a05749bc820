import { configFromForm, isEdsError, maskConfig, parseSinkUrl } from '@eds/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { accountOf, formatConfigUrl, type SnowflakeConfig } from '../src/config.js'
import snowflake from '../src/index.js'

const parse = (url: string) => parseSinkUrl(snowflake, url) as SnowflakeConfig

describe('configuration', () => {
  it('reads a URL', () => {
    expect(parse('snowflake://me:secret@org-acc/SHOP/EDS?warehouse=WH&role=R&guard=true')).toEqual({
      hostname: 'org-acc',
      port: 443,
      database: 'SHOP',
      schema: 'EDS',
      username: 'me',
      password: 'secret',
      warehouse: 'WH',
      role: 'R',
      guard: true,
      lingerMs: 2_000,
      tombstoneDays: 7,
      connectTimeoutMs: 30_000,
      statementTimeoutMs: 120_000,
      keepAlive: false,
      protocol: 'https',
      ocsp: 'failOpen',
    })
  })

  it.each([
    ['snowflake://u:p@ss#w/d@acc/db/s', { username: 'u', password: 'p@ss#w/d', database: 'db', schema: 's' }],
    ['snowflake://u:p%40ss@acc/db', { password: 'p@ss', schema: 'PUBLIC' }],
    ['snowflake://u@xy123.eu-west-1/db', { hostname: 'xy123.eu-west-1' }],
    ['snowflake://u@acc:8443/db', { port: 8443 }],
    ['snowflake://u@acc/"my db"/"my schema"', { database: '"my db"', schema: '"my schema"' }],
    ['snowflake://u@acc?database=a/b&schema=c', { database: 'a/b', schema: 'c' }],
    ['snowflake://acc/db?user=me&private_key_file=/k.p8', { username: 'me', privateKeyFile: '/k.p8' }],
    ['snowflake://u@acc/db?client_session_keep_alive=true', { keepAlive: true }],
    ['snowflake://u@acc/db?authenticator=snowflake&lingerMs=500', { lingerMs: 500 }],
  ])('%s', (url, expected) => {
    expect(parse(url)).toMatchObject(expected)
  })

  it('finds the account in a host name', () => {
    expect(accountOf({ hostname: 'org-acc.snowflakecomputing.com' })).toBe('org-acc')
    expect(accountOf({ hostname: 'xy123.eu-west-1' })).toBe('xy123.eu-west-1')
  })

  it.each([
    ['snowflake://u:s3cr3t@acc', 'database'],
    ['snowflake://u:s3cr3t@/db', 'hostname'],
    ['snowflake://:s3cr3t@acc/db', 'username'],
    ['snowflake://u:s3cr3t@acc/db?gaurd=true', 'no option "gaurd"'],
    ['snowflake://u:s3cr3t@acc/db/s/more', '/database/schema'],
    ['snowflake://u:s3cr3t@a,b/db', 'one account'],
    ['snowflake://u:s3cr3t@acc/db?ocsp=maybe', 'ocsp'],
  ])('refuses %s', (url, reason) => {
    const error = failure(() => parse(url))
    expect(isEdsError(error) && error.code).toBe('configuration')
    expect(String(error)).toContain(reason)
    expect(JSON.stringify(error) + String(error)).not.toContain('s3cr3t')
  })

  it('survives being written as a URL and read again', () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
    const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined })
    const config = fc.record({
      hostname: fc.constantFrom('acc', 'org-acc', 'xy.eu-west-1'),
      port: fc.integer({ min: 1, max: 65_535 }),
      database: text,
      schema: text,
      username: text,
      password: optional(text),
      privateKey: optional(text),
      warehouse: optional(text),
      role: optional(text),
      guard: fc.boolean(),
      host: optional(fc.constantFrom('127.0.0.1', 'private.example.com')),
      lingerMs: fc.integer({ min: 0, max: 1000 }),
    })
    fc.assert(
      fc.property(config, (input) => {
        const parsed = snowflake.config.parse(input) as SnowflakeConfig
        expect(parse(formatConfigUrl(parsed))).toEqual(parsed)
      }),
    )
  })

  it('makes a configuration of the form, and hides its secrets', () => {
    const form = { Database: 'SHOP', Username: 'me', Password: 's3cr3t', Hostname: 'org-acc', Port: '443' }
    const result = configFromForm(snowflake, form)
    expect(result).toMatchObject({ config: { database: 'SHOP', hostname: 'org-acc', password: 's3cr3t', port: 443 } })
    const key = { privateKey: 's3cr3t', privateKeyPassphrase: 's3cr3t' }
    expect(
      JSON.stringify(maskConfig(snowflake.config, { ...parse('snowflake://u:s3cr3t@a/d'), ...key })),
    ).not.toContain('s3cr3t')
    expect(configFromForm(snowflake, { Hostname: 'x' })).toMatchObject({
      fieldErrors: [{ field: 'Database' }],
    })
  })

  it('waits for 2 seconds unless told otherwise', () => {
    expect(snowflake.traits(parse('snowflake://u@a/d')).lingerMs).toBe(2_000)
    expect(snowflake.traits(parse('snowflake://u@a/d?lingerMs=0')).lingerMs).toBe(0)
  })
})

function failure(act: () => unknown): unknown {
  try {
    act()
  } catch (error) {
    return error
  }
  throw new Error('it did not fail')
}
