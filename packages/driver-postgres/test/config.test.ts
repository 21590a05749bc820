import { configFromForm, isEdsError, maskConfig, parseSinkUrl } from '@eds/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatConfigUrl, hostsOf, type PostgresConfig } from '../src/config.js'
import postgres from '../src/index.js'

const parse = (url: string) => parseSinkUrl(postgres, url) as PostgresConfig

describe('configuration', () => {
  it('reads a URL', () => {
    expect(parse('postgresql://me:secret@db.example.com:5433/shop?sslmode=verify-full&guard=true&schema=eds')).toEqual({
      hostname: 'db.example.com',
      port: 5433,
      database: 'shop',
      username: 'me',
      password: 'secret',
      sslmode: 'verify-full',
      guard: true,
      schema: 'eds',
      tombstoneDays: 7,
      connectTimeoutMs: 10_000,
      applicationName: 'eds',
    })
  })

  it.each([
    ['postgres://u:p@ss#w/d@host/db', { username: 'u', password: 'p@ss#w/d' }],
    ['postgres://u:p%40ss@host/db', { password: 'p@ss' }],
    ['postgres://host/db', { username: 'postgres', port: 5432 }],
    ['postgres://host/a%2Fb', { database: 'a/b' }],
    ['postgres://u@[::1]:5433/db', { hostname: '::1', port: 5433 }],
    ['postgres:///db?host=/var/run/postgresql', { hostname: '/var/run/postgresql' }],
    [
      'postgres://host/db?application_name=mine&statement_timeout=500',
      { applicationName: 'mine', statementTimeoutMs: 500 },
    ],
    ['postgres://host/db?connect_timeout=3', { connectTimeoutMs: 3000 }],
    ['postgres://host/db?channel_binding=require&target_session_attrs=any', { hostname: 'host' }],
  ])('%s', (url, expected) => {
    expect(parse(url)).toMatchObject(expected)
  })

  it('lists the hosts to try, each with its port', () => {
    expect(hostsOf(parse('postgres://u@a:1,b,[::1]:3/db'))).toEqual([
      { host: 'a', port: 1 },
      { host: 'b', port: 5432 },
      { host: '::1', port: 3 },
    ])
    expect(hostsOf(parse('postgres://u@2001.example/db?port=9'))).toEqual([{ host: '2001.example', port: 9 }])
  })

  it.each([
    ['postgres://host', 'database'],
    ['postgres:///db', 'hostname'],
    ['postgres://host/db?gaurd=true', 'no option "gaurd"'],
    ['postgres://host/db?guard=perhaps', 'guard'],
    ['postgres://host/db?sslmode=always', 'sslmode'],
    ['postgres://host/db?tombstoneDays=0', 'tombstoneDays'],
    ['postgres://u:s3cr3t@host/db?connect_timeout=soon', 'connectTimeoutMs'],
  ])('refuses %s', (url, reason) => {
    const error = failure(() => parse(url))
    expect(isEdsError(error) && error.code).toBe('configuration')
    expect(String(error)).toContain(reason)
    expect(JSON.stringify(error) + String(error)).not.toContain('s3cr3t')
  })

  it('survives being written as a URL and read again', () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
    const host = fc.constantFrom(
      'localhost',
      'db.example.com',
      '10.0.0.1',
      '::1',
      'a:1,b:2',
      '[::1]:5,c:5432',
      '/run/pg',
    )
    const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined })
    const config = fc.record({
      hostname: host,
      port: fc.integer({ min: 1, max: 65_535 }),
      database: text,
      username: text,
      password: optional(text),
      schema: optional(text),
      guard: fc.boolean(),
      sslmode: optional(fc.constantFrom('disable', 'prefer', 'verify-full')),
      tombstoneDays: fc.integer({ min: 1, max: 100 }),
      applicationName: text,
      statementTimeoutMs: optional(fc.nat(10_000)),
    })
    fc.assert(
      fc.property(config, (input) => {
        const wanted = postgres.config.parse(input) as PostgresConfig
        const again = parse(formatConfigUrl(wanted))
        expect(again).toEqual({ ...wanted, ...portOf(wanted) })
      }),
    )
  })

  it('takes what the form is filled in with', () => {
    const values = { Database: 'shop', Username: 'me', Password: 'p@ss#w/d', Hostname: 'db.example.com', Port: '5433' }
    const result = configFromForm(postgres, values)
    if (!('config' in result)) throw new Error('refused')
    expect(result.config).toMatchObject({ database: 'shop', username: 'me', password: 'p@ss#w/d', port: 5433 })
    expect(parse(formatConfigUrl(result.config as PostgresConfig))).toEqual(result.config)
    expect(configFromForm(postgres, { Username: 'me' })).toEqual({
      fieldErrors: [
        { field: 'Database', error: 'is required' },
        { field: 'Hostname', error: 'is required' },
      ],
    })
  })

  it('hides the password', () => {
    expect(maskConfig(postgres.config, parse('postgres://u:s3cr3t@host/db'))).toMatchObject({ password: '***' })
  })
})

/** With several hosts the URL names each one's port, so that the common one is not in it. */
function portOf({ hostname }: PostgresConfig): Partial<PostgresConfig> {
  return hostname.includes(',') ? { port: 5432 } : {}
}

function failure(task: () => unknown): unknown {
  try {
    task()
  } catch (error) {
    return error
  }
  throw new Error('nothing was thrown')
}
