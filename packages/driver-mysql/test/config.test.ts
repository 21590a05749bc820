import { configFromForm } from '@eds/core'
import { expect, it } from 'vitest'
import { configSchema, formatConfigUrl, parseConfigUrl } from '../src/config.js'
import mysql from '../src/index.js'
import { parseGrant } from '../src/probe.js'
import { tlsPlan } from '../src/tls.js'

const read = (url: string) => configSchema.parse(parseConfigUrl(url))

it('reads URLs with passwords that nobody escaped', () => {
  expect(read('mysql://eds:p@ss#w/d@db.example.com/shop')).toMatchObject({
    hostname: 'db.example.com',
    port: 3306,
    database: 'shop',
    username: 'eds',
    password: 'p@ss#w/d',
    guard: false,
  })
})

it.each([
  'mysql://eds:p%40ss@[::1]:3307/shop?guard=true&tls=verify&sslca=%2Fca.pem',
  'mysql:///shop?socket=/run/mysqld/mysqld.sock',
  'mariadb://eds@db/shop?localInfile=false&statementTimeoutMs=5000',
])('%s comes back the same', (url) => {
  expect(read(formatConfigUrl(read(url)))).toEqual(read(url))
})

it.each([
  ['true', 'verify'],
  ['skip-verify', 'required'],
  ['REQUIRED', 'required'],
  ['false', 'disable'],
  ['VERIFY_IDENTITY', 'verify'],
])('understands tls=%s of other clients', (word, mode) => {
  expect(read(`mysql://db/shop?tls=${word}`).tls).toBe(mode)
})

it('refuses what it does not know, without a secret', () => {
  expect(() => parseConfigUrl('mysql://u:s3cret@db/shop?what=1')).toThrow(/no option "what"/)
  expect(() => parseConfigUrl('mysql://a,b/shop')).toThrow(/one host/)
  expect(configSchema.safeParse(parseConfigUrl('mysql://db')).success).toBe(false)
})

it('takes the form of HQ', () => {
  const values = { Database: 'shop', Username: 'eds', Password: 'p', Hostname: 'db', Port: '3307' }
  expect(configFromForm(mysql, values)).toMatchObject({ config: { database: 'shop', port: 3307, hostname: 'db' } })
})

it('encrypts elsewhere where the server can', () => {
  expect(tlsPlan({ tls: undefined, hostname: 'localhost' })).toEqual({ attempts: ['plain'], verify: false })
  expect(tlsPlan({ tls: undefined, hostname: 'db' })).toEqual({ attempts: ['encrypted', 'plain'], verify: false })
  expect(tlsPlan({ tls: 'verify', hostname: 'db' })).toEqual({ attempts: ['encrypted'], verify: true })
})

it.each([
  ['GRANT SELECT, INSERT ON `my``db`.* TO `eds`@`%`', { rights: ['SELECT', 'INSERT'], database: 'my`db', table: '*' }],
  ['GRANT USAGE ON *.* TO `eds`@`%`', { rights: ['USAGE'], database: '*', table: '*' }],
  ['GRANT `role`@`%` TO `eds`@`%`', undefined],
])('%s', (text, grant) => {
  expect(parseGrant(text)).toEqual(grant)
})
