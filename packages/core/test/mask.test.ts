import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRedactor, formatUrl, isSecretName, maskText, maskUrl } from '../src/index.js'

const jwt = `eyJhbGciOiJIUzI1NiJ9.${'eyJzdWIiOiJhIn0'}.c2lnbmF0dXJl`
const seed = `SU${'A'.repeat(56)}`

describe('isSecretName', () => {
  it.each([
    'password',
    'PASSWORD',
    'sasl-password',
    'secret',
    'token',
    'session-token',
    'key',
    'access-key-id',
    'secret-access-key',
    'SharedAccessKey',
    'sas',
    'signature',
    'X-Amz-Signature',
    'api_key',
    'sig',
    'connectionString',
  ])('%s is secret', (name) => expect(isSecretName(name)).toBe(true))

  it.each([
    'user',
    'SharedAccessKeyName',
    'EntityPath',
    'region',
    'rowKey',
    'partitionKey',
    'sslmode',
    'monkey',
    'keys',
  ])('%s is not', (name) => expect(isSecretName(name)).toBe(false))
})

describe('maskUrl', () => {
  it.each([
    ['postgres://u:p@ss#w/d@host:5432/db?sslmode=require', 'postgres://u:***@host:5432/db?sslmode=require'],
    ['postgres://u:p%40ss@a:1,b:2/db', 'postgres://u:***@a:1,b:2/db'],
    ['postgres://u@host/db', 'postgres://u@host/db'],
    ['postgres://:pass@host/db', 'postgres://:***@host/db'],
    ['nats://s3cr3t@host:4222', 'nats://***@host:4222'],
    ['file:///dir/a', 'file:///dir/a'],
    [
      's3://bucket/prefix?region=us&access-key-id=AKIA&secret-access-key=a/b+c&session-token=t',
      's3://bucket/prefix?region=us&access-key-id=***&secret-access-key=***&session-token=***',
    ],
    [
      'eventhub://ns.servicebus.windows.net/;SharedAccessKeyName=n;SharedAccessKey=k=;EntityPath=h',
      'eventhub://ns.servicebus.windows.net/;SharedAccessKeyName=n;SharedAccessKey=***;EntityPath=h',
    ],
    ['postgres://u:hid?den=hid@den@host/db', 'postgres://u:***@host/db'],
    ['postgres://u:hid@den?den=hid@host/db', 'postgres://***'],
    ['postgres://u:hidden@ho st/db', 'postgres://***'],
    ['socketio:///x?auth=mysql%3A%2F%2Fu%3Ahid%40host%2Fdb&a=b', 'socketio:///x?auth=***&a=b'],
    ['kafka://host/t?registry=https%3A%2F%2Fhost%2Fpath', 'kafka://host/t?registry=https%3A%2F%2Fhost%2Fpath'],
    ['hidden', '***'],
    ['', '***'],
  ])('%s', (url, masked) => expect(maskUrl(url)).toBe(masked))

  it('never shows a password, whatever it holds and however it is written', () => {
    const filler = fc.string({ unit: fc.constantFrom(...'@:/?#%&=a1') })
    fc.assert(
      fc.property(filler, filler, (before, after) => {
        const password = `${before}Zq9xK${after}`
        expect(maskUrl(`postgres://u:${password}@host:5432/db?x=y`)).not.toContain('Zq9xK')
        const url = formatUrl({ scheme: 's3', password, hosts: [], path: '/p', query: { token: password } })
        expect(maskUrl(url)).toBe('s3://:***@/p?token=***')
      }),
      { numRuns: 2000 },
    )
  })
})

describe('maskText', () => {
  it.each([
    ['cannot reach postgres://u:p@ss@h:1/db, retrying', 'cannot reach postgres://u:***@h:1/db, retrying'],
    ['{"url":"mysql://u:pw@h/d","n":1}', '{"url":"mysql://u:***@h/d","n":1}'],
    ['servers nats://u:p1@a:4222,nats://u:p2@b:4222', 'servers nats://u:***@b:4222'],
    ['see https://example.com/help.', 'see https://example.com/help.'],
    [`key ${jwt} end`, 'key *** end'],
    [`-----BEGIN JWT-----\\n${jwt}\\n---`, '-----BEGIN JWT-----\\n***\\n---'],
    [`seed ${seed}!`, 'seed ***!'],
    ['Authorization: Bearer abcdef.123', 'Authorization: Bearer ***'],
    ['{"authorization":"Basic dXNlcjpwYXNz"}', '{"authorization":"***"}'],
    ['sent bearer abc_def-123', 'sent bearer ***'],
    ['host=h password=hunter2 user=u', 'host=h password=*** user=u'],
    ["host=h password='hunter2' user=u", "host=h password='***' user=u"],
    ['Endpoint=x;SharedAccessKeyName=n;SharedAccessKey=abc=', 'Endpoint=x;SharedAccessKeyName=n;SharedAccessKey=***'],
    ['{"password":"a\\"b","user":"u"}', '{"password":"***","user":"u"}'],
    ['{"key":["us","1"],"rowKey":"x"} key=1', '{"key":["us","1"],"rowKey":"x"} key=1'],
    ['nothing to hide: 12:30, a@b.c', 'nothing to hide: 12:30, a@b.c'],
  ])('%s', (text, masked) => expect(maskText(text)).toBe(masked))

  it('does not lose a URL behind a long word', () => {
    expect(maskText(`${'a'.repeat(200)}://u:hidden@h`)).not.toContain('hidden')
  })

  it('takes linear time for hostile text', () => {
    const parts = [
      'eyJ',
      'eyJ.',
      'a',
      'a://',
      'a=',
      '"a":"',
      'SU',
      'A',
      'bearer ',
      'authorization:',
      '@',
      '"',
      '\\"',
      'aaaa"',
      'é',
      '?a=',
    ]
    const start = performance.now()
    for (const part of parts) {
      expect(maskText(part.repeat(300_000 / part.length)).length).toBeGreaterThan(0)
      expect(maskText(`"password":"${part.repeat(300_000 / part.length)}`).length).toBeGreaterThan(0)
    }
    expect(performance.now() - start).toBeLessThan(10_000)
  })
})

describe('createRedactor', () => {
  it('masks secrets in every form they are written in', () => {
    const redact = createRedactor(['p@ss"w', 'p@ss"word', '$&.*'])
    expect(redact('a p@ss"word b p%40ss%22word c p@ss\\"w d $&.* e')).toBe('a *** b *** c *** d *** e')
  })

  it('leaves other text and very short secrets alone', () => {
    expect(createRedactor(['', 'abc'])('abc')).toBe('abc')
    expect(createRedactor(['hidden'])('shown')).toBe('shown')
  })

  it('removes any secret from any text', () => {
    const secret = fc.string({ unit: 'binary', minLength: 4 }).filter((text) => !'***'.includes(text))
    fc.assert(
      fc.property(secret, fc.string(), fc.string(), (value, before, after) => {
        const text = createRedactor([value])(before + value + after)
        expect(text.length).toBeLessThan(before.length + value.length + after.length)
      }),
    )
  })
})
