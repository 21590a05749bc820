import { configFromForm, isEdsError, maskConfig, parseSinkUrl } from '@eds/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatConfigUrl, isEncrypted, type SqlServerConfig } from '../src/config.js'
import { connectionSettings } from '../src/connect.js'
import sqlserver from '../src/index.js'

const parse = (url: string) => parseSinkUrl(sqlserver, url) as SqlServerConfig

describe('configuration', () => {
  it('reads a URL', () => {
    expect(parse('sqlserver://me:secret@db.example.com:1434/shop?guard=true&schema=eds&encrypt=false')).toEqual({
      hostname: 'db.example.com',
      port: 1434,
      database: 'shop',
      username: 'me',
      password: 'secret',
      schema: 'eds',
      guard: true,
      tombstoneDays: 7,
      encrypt: false,
      trustServerCertificate: false,
      authentication: 'default',
      multiSubnetFailover: false,
      connectTimeoutMs: 15_000,
      requestTimeoutMs: 60_000,
      applicationName: 'eds',
    })
  })

  it.each([
    ['sqlserver://u:p@ss#w/d@host/db', { username: 'u', password: 'p@ss#w/d', port: 1433 }],
    ['sqlserver://u:p%40ss@host/db', { password: 'p@ss' }],
    ['sqlserver://host?database=db', { database: 'db' }],
    ['sqlserver://host/SQLEXPRESS?database=db', { database: 'db', instanceName: 'SQLEXPRESS' }],
    ['sqlserver://host/db?instance=X&app name=mine', { instanceName: 'X', applicationName: 'mine' }],
    ['sqlserver://host/db?TrustServerCertificate=true&connection timeout=3', { connectTimeoutMs: 3000 }],
    ['sqlserver://host/db?encrypt=disable&dial timeout=5', { encrypt: false }],
    ['sqlserver://host/a%2Fb', { database: 'a/b' }],
  ])('%s', (url, expected) => {
    expect(parse(url)).toMatchObject(expected)
  })

  it.each([
    ['sqlserver://host', 'database'],
    ['sqlserver:///db', 'hostname'],
    ['sqlserver://host/db?gaurd=true', 'no option "gaurd"'],
    ['sqlserver://host/db?guard=perhaps', 'guard'],
    ['sqlserver://a,b/db', 'one host'],
    ['sqlserver://u:s3cr3t@host/db?connection timeout=soon', 'connectTimeoutMs'],
    ['sqlserver://host/db?authentication=guess', 'authentication'],
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
      hostname: fc.constantFrom('localhost', 'db.example.com', '10.0.0.1', '::1'),
      port: fc.integer({ min: 1, max: 65_535 }),
      database: text,
      username: text,
      password: optional(text),
      schema: optional(text),
      instanceName: optional(text),
      guard: fc.boolean(),
      encrypt: optional(fc.boolean()),
      token: optional(text),
      tombstoneDays: fc.integer({ min: 1, max: 100 }),
      applicationName: text,
    })
    fc.assert(
      fc.property(config, (input) => {
        const wanted = sqlserver.config.parse(input) as SqlServerConfig
        expect(parse(formatConfigUrl(wanted))).toEqual(wanted)
      }),
    )
  })

  it('takes what the form is filled in with', () => {
    const values = { Database: 'shop', Username: 'me', Password: 'p@ss#w/d', Hostname: 'db.example.com', Port: '1434' }
    const result = configFromForm(sqlserver, values)
    if (!('config' in result)) throw new Error('refused')
    expect(result.config).toMatchObject({ database: 'shop', username: 'me', password: 'p@ss#w/d', port: 1434 })
    expect(parse(formatConfigUrl(result.config as SqlServerConfig))).toEqual(result.config)
    expect(configFromForm(sqlserver, { Username: 'me' })).toEqual({
      fieldErrors: [
        { field: 'Database', error: 'is required' },
        { field: 'Hostname', error: 'is required' },
      ],
    })
  })

  it('hides its secrets', () => {
    expect(
      maskConfig(sqlserver.config, parse('sqlserver://u:s3cr3t@host/db?clientSecret=s3cr3t&token=x')),
    ).toMatchObject({
      password: '***',
      clientSecret: '***',
      token: '***',
    })
  })

  it.each([
    ['localhost', false],
    ['127.0.0.1', false],
    ['::1', false],
    ['db.example.com', true],
  ])('encrypts to %s: %s', (hostname, encrypted) => {
    expect(isEncrypted({ hostname })).toBe(encrypted)
    expect(isEncrypted({ hostname, encrypt: !encrypted })).toBe(!encrypted)
  })
})

describe('what the client library is told', () => {
  it('names the program, and leaves retries to the pipeline', () => {
    expect(connectionSettings(parse('sqlserver://u:p@h/db'))).toMatchObject({
      server: 'h',
      authentication: { type: 'default', options: { userName: 'u', password: 'p' } },
      options: { port: 1433, database: 'db', encrypt: true, appName: 'eds', maxRetriesOnTransientErrors: 0 },
    })
    expect(connectionSettings(parse('sqlserver://u:p@h/db?instanceName=X')).options).toMatchObject({
      instanceName: 'X',
    })
  })

  const entra = 'azure-active-directory'
  it.each([
    [`${entra}-default`, {}],
    [`${entra}-default&clientId=c`, { clientId: 'c' }],
    [`${entra}-msi-vm`, {}],
    [`${entra}-access-token&token=t`, { token: 't' }],
    [`${entra}-password&clientId=c`, { userName: 'u', password: 'p', clientId: 'c', tenantId: 'common' }],
    [
      `${entra}-service-principal-secret&clientId=c&clientSecret=s&tenantId=t`,
      { clientId: 'c', clientSecret: 's', tenantId: 't' },
    ],
  ])('?authentication=%s', (option, expected) => {
    const { authentication } = connectionSettings(parse(`sqlserver://u:p@h/db?authentication=${option}`))
    expect(authentication?.options).toEqual(expected)
  })

  it('misses what a way of logging in needs', () => {
    const url = `sqlserver://u:p@h/db?authentication=${entra}-access-token`
    expect(failure(() => connectionSettings(parse(url)))).toMatchObject({ code: 'configuration' })
  })
})

function failure(task: () => unknown): unknown {
  try {
    task()
  } catch (error) {
    return error
  }
  throw new Error('nothing was thrown')
}
