import { describe, expect, it } from 'vitest'
import { tlsPlan } from '../src/tls.js'

const unverified = { verifyCertificate: false, verifyHost: false }

describe('TLS', () => {
  it.each([
    ['localhost', undefined, ['plain'], unverified],
    ['127.0.0.1', undefined, ['plain'], unverified],
    ['::1', undefined, ['plain'], unverified],
    ['/var/run/postgresql', 'require', ['plain'], unverified],
    ['db.example.com', undefined, ['encrypted'], unverified],
    ['db.example.com', 'disable', ['plain'], unverified],
    ['db.example.com', 'allow', ['plain', 'encrypted'], unverified],
    ['db.example.com', 'prefer', ['encrypted', 'plain'], unverified],
    ['localhost', 'require', ['encrypted'], unverified],
    ['localhost', 'verify-ca', ['encrypted'], { verifyCertificate: true, verifyHost: false }],
    ['localhost', 'verify-full', ['encrypted'], { verifyCertificate: true, verifyHost: true }],
  ] as const)('%s with sslmode %s', (host, sslmode, attempts, verify) => {
    expect(tlsPlan({ sslmode }, host)).toEqual({ attempts, ...verify })
  })
})
