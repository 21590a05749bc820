import { createHmac, timingSafeEqual } from 'node:crypto'

/** What a token has to be good for. */
export interface SasPolicy {
  readonly keyName: string
  readonly key: string
}

/**
 * Says what is wrong with a shared access signature, or nothing when it is good for the audience.
 * Form: https://learn.microsoft.com/azure/event-hubs/authenticate-shared-access-signature
 */
export function sasFault(token: string, audience: string, policy: SasPolicy, nowMs: number): string | undefined {
  const [, text] = /^SharedAccessSignature (.+)$/.exec(token) ?? []
  if (text === undefined) return 'MalformedToken: The token is not a shared access signature.'
  const fields = new Map(text.split('&').map((item) => splitOnce(item)))
  const [resource = '', expiry = ''] = [fields.get('sr'), fields.get('se')]
  if (decodeURIComponent(fields.get('skn') ?? '') !== policy.keyName)
    return 'InvalidSignature: The key name is unknown.'
  const expected = createHmac('sha256', policy.key).update(`${resource}\n${expiry}`).digest()
  const given = Buffer.from(decodeURIComponent(fields.get('sig') ?? ''), 'base64')
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    return 'InvalidSignature: The token has an invalid signature.'
  }
  if (!(Number(expiry) * 1000 > nowMs)) return 'ExpiredToken: The token is expired.'
  const covered = decodeURIComponent(resource).toLowerCase()
  return audience.toLowerCase().startsWith(covered) ? undefined : 'InvalidAudience: The token is for another resource.'
}

function splitOnce(item: string): [name: string, value: string] {
  const equals = item.indexOf('=')
  return equals < 0 ? [item, ''] : [item.slice(0, equals), item.slice(equals + 1)]
}
