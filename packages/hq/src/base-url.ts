import { EdsError } from '@eds/core'
import { z } from 'zod'

const production = 'https://api.shopmonkey.cloud'
const legacyIssuer = 'https://shopmonkey.io'

const byCode: Readonly<Record<string, string>> = {
  P: production,
  S: 'https://sandbox-api.shopmonkey.cloud',
  E: 'https://edge-api.shopmonkey.cloud',
  L: 'http://localhost:3101',
}

const claims = z.object({ iss: z.string() })

/**
 * Where the HQ of an API key is: its `iss` claim. The signature is not checked: HQ does.
 *
 * @throws EdsError `configuration` when the key is not a JWT with such a claim. The message never quotes the key.
 */
export function baseUrlOfKey(apiKey: string): string {
  const issuer = issuerOf(apiKey)
  if (issuer === undefined) {
    throw new EdsError('configuration', 'the API key does not say which HQ it is for', {
      fix: 'check that it was copied whole, or give the address with --api-url',
    })
  }
  return checkBaseUrl(stripSlash(issuer) === legacyIssuer ? production : issuer, 'the issuer of the API key')
}

/**
 * Where the HQ of an enrollment code is: its first letter says.
 *
 * @throws EdsError `configuration` when it is none of P, S, E and L.
 */
export function baseUrlOfCode(code: string): string {
  const url = byCode[code.charAt(0).toUpperCase()]
  if (url !== undefined) return url
  throw new EdsError('configuration', 'this is no enrollment code: one begins with P, S, E or L', {
    fix: 'copy it from HQ, or give the address with --api-url',
  })
}

/**
 * An address without a slash at its end.
 *
 * @throws EdsError `configuration` when it is not plain http or https. `origin` says where it came from.
 */
export function checkBaseUrl(text: string, origin: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isPlain = url && /^https?:$/.test(url.protocol) && !(url.username || url.password || url.search || url.hash)
  if (isPlain) return stripSlash(url.href)
  throw new EdsError('configuration', `${origin} is not a plain http or https address`, { fix: 'write https://host' })
}

function issuerOf(apiKey: string): string | undefined {
  try {
    const payload = Buffer.from(apiKey.split('.')[1] ?? '', 'base64url').toString('utf8')
    return claims.parse(JSON.parse(payload)).iss
  } catch {
    return undefined
  }
}

function stripSlash(url: string): string {
  return url.endsWith('/') ? url.slice(0, -1) : url
}
