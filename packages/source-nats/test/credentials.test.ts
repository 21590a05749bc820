import { describe, expect, it } from 'vitest'
import { narrowCompanies, readCredentials } from '../src/credentials.js'

function creds(claims: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const token = `${part({ typ: 'JWT', alg: 'ed25519-nkey' })}.${part(claims)}.c2lnbmF0dXJl`
  return `-----BEGIN NATS USER JWT-----\n${token}\n------END NATS USER JWT------\n\n-----BEGIN USER NKEY SEED-----\nSUAEXAMPLE\n------END USER NKEY SEED------\n`
}

const allow = ['dbchange.*.*.c1.*.PUBLIC.>', 'dbchange.*.*.c2.*.PUBLIC.>', 'eds.notify.session1.>', '_INBOX.>']

describe('readCredentials', () => {
  it('finds server, companies and session', () => {
    const text = creds({ name: 'server1', nats: { sub: { allow } } })
    const facts = { serverId: 'server1', companyIds: ['c1', 'c2'], sessionId: 'session1' }
    expect(readCredentials(text)).toEqual(facts)
    expect(readCredentials(new TextEncoder().encode(text.replaceAll('\n', '\r\n')))).toEqual(facts)
  })

  it('leaves out what is not said', () => {
    expect(readCredentials(creds({ nats: { sub: { allow: ['dbchange.*.*.*.*.PUBLIC.>'] } } }))).toEqual({
      companyIds: ['*'],
    })
  })

  it.each([
    [{}],
    [{ sub: { allow: [] } }],
    [{ sub: { allow: ['_INBOX.>', 'dbchange.>'] } }],
    [{ sub: { allow: ['>'] } }],
  ])('finds all companies where all changes may be read: %j', (nats) => {
    expect(readCredentials(creds({ nats })).companyIds).toEqual(['*'])
  })

  it.each([
    {
      flaw: 'no company',
      text: creds({ nats: { sub: { allow: ['_INBOX.>', 'dbchange.*.*.>'] } } }),
      says: 'allow no company',
    },
    { flaw: 'no token', text: 'hello', says: 'no readable user token' },
    { flaw: 'a broken token', text: creds({}).replace('.', ''), says: 'no readable user token' },
  ])('refuses credentials with $flaw', ({ text, says }) => {
    expect(() => readCredentials(text)).toThrow(says)
  })
})

describe('narrowCompanies', () => {
  it('keeps all that are allowed, or those that are wanted', () => {
    expect(narrowCompanies(['c1', 'c2'])).toEqual(['c1', 'c2'])
    expect(narrowCompanies(['c1', 'c2'], ['c2', 'c2'])).toEqual(['c2'])
    expect(narrowCompanies(['*'], ['c9'])).toEqual(['c9'])
  })

  it('never widens', () => {
    expect(() => narrowCompanies(['c1'], ['c1', 'c3'])).toThrow('do not allow the companies c3')
    expect(() => narrowCompanies(['c1'], ['*'])).toThrow('do not allow')
  })
})
