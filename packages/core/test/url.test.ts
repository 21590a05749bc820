import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatUrl, parseUrl, type UrlParts } from '../src/index.js'

const cases: [url: string, parts: Omit<UrlParts, 'scheme'>][] = [
  ['x://host', { hosts: [{ host: 'host' }], path: '', query: {} }],
  ['x://host/', { hosts: [{ host: 'host' }], path: '/', query: {} }],
  ['x://host?a=b', { hosts: [{ host: 'host' }], path: '', query: { a: 'b' } }],
  ['x://', { hosts: [], path: '', query: {} }],
  ['x:///dir/sub', { hosts: [], path: '/dir/sub', query: {} }],
  ['x:///home/a:b@c', { hosts: [], path: '/home/a:b@c', query: {} }],
  [
    'x://u:p@ss#w/d@host:5432/db?x=y',
    { user: 'u', password: 'p@ss#w/d', hosts: [{ host: 'host', port: 5432 }], path: '/db', query: { x: 'y' } },
  ],
  ['x://u:p?ss@host/db', { user: 'u', password: 'p?ss', hosts: [{ host: 'host' }], path: '/db', query: {} }],
  ['x://u:p?ss=1@host/db', { user: 'u', password: 'p?ss=1', hosts: [{ host: 'host' }], path: '/db', query: {} }],
  ['x://u:p:q@host', { user: 'u', password: 'p:q', hosts: [{ host: 'host' }], path: '', query: {} }],
  ['x://u:a/b@c/d@host', { user: 'u', password: 'a/b@c/d', hosts: [{ host: 'host' }], path: '', query: {} }],
  ['x://u%40x:p%2Fw@host', { user: 'u@x', password: 'p/w', hosts: [{ host: 'host' }], path: '', query: {} }],
  ['x://u@e.com:pw@host', { user: 'u@e.com', password: 'pw', hosts: [{ host: 'host' }], path: '', query: {} }],
  ['x://u@host', { user: 'u', hosts: [{ host: 'host' }], path: '', query: {} }],
  ['x://u:@host', { user: 'u', hosts: [{ host: 'host' }], path: '', query: {} }],
  ['x://:p@host', { password: 'p', hosts: [{ host: 'host' }], path: '', query: {} }],
  ['x://u:p@/db', { user: 'u', password: 'p', hosts: [], path: '/db', query: {} }],
  ['x://DOM\\u:p@host', { user: 'DOM\\u', password: 'p', hosts: [{ host: 'host' }], path: '', query: {} }],
  [
    'x://a:1,b:2,c/t',
    { hosts: [{ host: 'a', port: 1 }, { host: 'b', port: 2 }, { host: 'c' }], path: '/t', query: {} },
  ],
  ['x://[::1]:5432/db', { hosts: [{ host: '::1', port: 5432 }], path: '/db', query: {} }],
  ['x://u:p@[fe80::1%25eth0]', { user: 'u', password: 'p', hosts: [{ host: 'fe80::1%eth0' }], path: '', query: {} }],
  ['x://%2Fvar%2Frun/db', { hosts: [{ host: '/var/run' }], path: '/db', query: {} }],
  ['x://host/t?password=p@ss', { hosts: [{ host: 'host' }], path: '/t', query: { password: 'p@ss' } }],
  ['x://h:1/t?a=b@c.d', { hosts: [{ host: 'h', port: 1 }], path: '/t', query: { a: 'b@c.d' } }],
  ['x://u:p@h/t?a=b@c', { user: 'u', password: 'p', hosts: [{ host: 'h' }], path: '/t', query: { a: 'b@c' } }],
  ['x://bucket/a@b', { hosts: [{ host: 'bucket' }], path: '/a@b', query: {} }],
  ['x://h/t?flag', { hosts: [{ host: 'h' }], path: '/t', query: { flag: '' } }],
  ['x://h/t?flag&a=1&&b', { hosts: [{ host: 'h' }], path: '/t', query: { flag: '', a: '1', b: '' } }],
  ['x://h/?k=a+b/c=d', { hosts: [{ host: 'h' }], path: '/', query: { k: 'a+b/c=d' } }],
  ['x://h/?a=1?2', { hosts: [{ host: 'h' }], path: '/', query: { a: '1?2' } }],
  ['x://h/?__proto__=1', { hosts: [{ host: 'h' }], path: '/', query: Object.fromEntries([['__proto__', '1']]) }],
  ['x://u:100%@h', { user: 'u', password: '100%', hosts: [{ host: 'h' }], path: '', query: {} }],
  ['x://u:%zz%4@h', { user: 'u', password: '%zz%4', hosts: [{ host: 'h' }], path: '', query: {} }],
  ['x://u:%ff%41@h', { user: 'u', password: '%ff%41', hosts: [{ host: 'h' }], path: '', query: {} }],
  ['x://u:%2541@h', { user: 'u', password: '%41', hosts: [{ host: 'h' }], path: '', query: {} }],
  ['x://u:%E2%82%AC€@h', { user: 'u', password: '€€', hosts: [{ host: 'h' }], path: '', query: {} }],
  [
    'x://ns.servicebus.windows.net/;SharedAccessKeyName=n;SharedAccessKey=a+b/c=;EntityPath=hub',
    {
      hosts: [{ host: 'ns.servicebus.windows.net' }],
      path: '/;SharedAccessKeyName=n;SharedAccessKey=a+b/c=;EntityPath=hub',
      query: {},
    },
  ],
]

describe('parseUrl', () => {
  it.each(cases)('reads %s', (url, parts) => {
    expect(parseUrl(url)).toEqual({ scheme: 'x', ...parts })
  })

  it('reads the scheme in any case', () => {
    expect(parseUrl('Postgres+TLS://h').scheme).toBe('postgres+tls')
  })

  it.each([
    ['postgres', 'not a URL'],
    ['postgres:host', 'not a URL'],
    [' postgres://host', 'not a URL'],
    ['x://u:topsecret@ho st/db', 'a host that cannot be read'],
    ['x://u:topsecret@a,,b/db', 'a host that cannot be read'],
    ['x://u:topsecret@host:54x/db', 'a port that cannot be read'],
    ['x://u:topsecret@host:0/db', 'a port that is not between'],
    ['x://u:topsecret@host:65536/db', 'a port that is not between'],
    ['x://u:topsecret@::1/db', 'a host that cannot be read'],
    ['x://h/?a=topsecret&a=topsecret', 'one parameter twice'],
    [`x://u:${'topsecret'.repeat(2000)}@h`, 'longer than'],
  ])('rejects %s without quoting a secret', (url, message) => {
    expect(() => parseUrl(url)).toThrow(
      expect.objectContaining({
        code: 'configuration',
        message: expect.stringContaining(message),
        fix: expect.not.stringContaining('topsecret'),
      }),
    )
    expect(() => parseUrl(url)).toThrow(expect.objectContaining({ message: expect.not.stringContaining('topsecret') }))
  })

  it('takes linear time for hostile text', () => {
    const hostile = ['@', '?a', '@h?', 'a,', '%41', '[::'].flatMap((part) => [
      `x://${part.repeat(16_000 / part.length)}`,
      `x://u:${part.repeat(8_000 / part.length)}?${'a'.repeat(7_000)}@`,
    ])
    const start = performance.now()
    for (const url of hostile) {
      try {
        parseUrl(url)
      } catch (error) {
        expect(error).toMatchObject({ code: 'configuration' })
      }
    }
    expect(performance.now() - start).toBeLessThan(5000)
  })
})

describe('formatUrl', () => {
  const nasty = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.constantFrom(...'@:/?#%&=+[],;a1 é€😀'), minLength: 1 }),
    fc.constantFrom('p@ss#w/d', '%41', '100%', 'a@b/c?d=e', '1234/x', '@', ':', '__proto__', '[::1]'),
  )
  const present = nasty.filter((text) => text !== '')
  const host = fc.record({ host: present, port: fc.integer({ min: 1, max: 65535 }) }, { requiredKeys: ['host'] })
  const parts: fc.Arbitrary<UrlParts> = fc.record(
    {
      scheme: fc.constantFrom('postgres', 's3', 'a+b.c-1'),
      user: present,
      password: present,
      hosts: fc.array(host, { maxLength: 3 }),
      path: fc.oneof(
        fc.constant(''),
        nasty.map((text) => `/${text}`),
      ),
      query: fc.dictionary(nasty, nasty, { noNullPrototype: true }),
    },
    { requiredKeys: ['scheme', 'hosts', 'path', 'query'] },
  )

  it('writes what parseUrl reads back, for any text', () => {
    fc.assert(
      fc.property(parts, (value) => {
        expect(parseUrl(formatUrl(value))).toEqual(value)
      }),
      { numRuns: 2000 },
    )
  })

  it('gives URLs that WHATWG URL reads the same way', () => {
    fc.assert(
      fc.property(present, present, (user, password) => {
        const url = new URL(formatUrl({ scheme: 'x', user, password, hosts: [{ host: 'h' }], path: '', query: {} }))
        expect([decodeURIComponent(url.username), decodeURIComponent(url.password)]).toEqual([user, password])
      }),
    )
  })

  it('keeps plain URLs readable', () => {
    const url = 'eventhub://ns.windows.net:1,[::1]/;SharedAccessKeyName=n;EntityPath=hub?a-b_c.d~e=1'
    expect(formatUrl(parseUrl(url))).toBe(url)
  })

  it('adds the leading slash of a path', () => {
    expect(formatUrl({ scheme: 'x', hosts: [{ host: 'h' }], path: 'db', query: {} })).toBe('x://h/db')
  })

  it.each([{ user: '\ud800', hosts: [] }, { hosts: [{ host: '' }] }])('refuses what no URL can hold: %j', (bad) => {
    expect(() => formatUrl({ scheme: 'x', path: '', query: {}, ...bad })).toThrow(
      expect.objectContaining({ code: 'configuration' }),
    )
  })
})
