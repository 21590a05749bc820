import { createHmac } from 'node:crypto'
import { expect, it } from 'vitest'
import { sasFault } from '../src/sas-token.js'

const policy = { keyName: 'sender', key: 'a+b/c=' }
const audience = 'sb://ns/hub'

function token({ key = policy.key, name = policy.keyName, resource = audience, expiry = 2_000 } = {}): string {
  const encoded = encodeURIComponent(resource)
  const signature = createHmac('sha256', key).update(`${encoded}\n${expiry}`).digest('base64')
  return `SharedAccessSignature sr=${encoded}&sig=${encodeURIComponent(signature)}&se=${expiry}&skn=${name}`
}

it.each([
  ['a good token', token(), undefined],
  ['a token for the namespace', token({ resource: 'sb://ns/' }), undefined],
  ['another key', token({ key: 'other' }), 'InvalidSignature'],
  ['another key name', token({ name: 'other' }), 'InvalidSignature'],
  ['another hub', token({ resource: 'sb://ns/other' }), 'InvalidAudience'],
  ['a token of the past', token({ expiry: 1_000 }), 'ExpiredToken'],
  ['any text', 'eyJ', 'MalformedToken'],
])('%s', (_, text, fault) => {
  const found = sasFault(text, audience, policy, 1_500_000)
  if (fault === undefined) expect(found).toBeUndefined()
  else expect(found).toContain(fault)
})
