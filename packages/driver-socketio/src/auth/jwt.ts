import type { SocketioConfig } from '../config.js'
import { toSocketioError } from '../errors.js'
import type { AuthenticatedUser, Authenticator } from './authenticate.js'

type JwtConfig = Pick<SocketioConfig, 'jwtIssuer' | 'jwtAudience' | 'jwtUserClaim' | 'timeoutMs'>

/** Signatures with a public key only: whoever can read a JWKS must not be able to sign. */
const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519']

/** What is wrong with the key server, not with the token. */
const keyServerErrors = new Set(['ERR_JWKS_TIMEOUT', 'ERR_JWKS_INVALID', 'ERR_JOSE_GENERIC'])

/** Checks JWTs with the keys at `jwksUrl`, which are fetched when needed, and again when a key is unknown. */
export async function jwtAuthenticator(jwksUrl: string, config: JwtConfig): Promise<Authenticator> {
  const { createRemoteJWKSet, errors, jwtVerify } = await import('jose')
  const keys = createRemoteJWKSet(new URL(jwksUrl), { timeoutDuration: config.timeoutMs })
  const { jwtIssuer: issuer, jwtAudience: audience, jwtUserClaim } = config
  const options = { algorithms, ...(issuer && { issuer }), ...(audience && { audience }) }
  const authenticate = async (token: string): Promise<AuthenticatedUser | undefined> => {
    try {
      const { payload } = await jwtVerify(token, keys, options)
      return userOf(payload[jwtUserClaim], payload.exp)
    } catch (error) {
      if (error instanceof errors.JOSEError && !keyServerErrors.has(error.code)) return undefined
      throw toSocketioError(error, 'fetching the keys of JWTs (jwksUrl)')
    }
  }
  return {
    check: async () => {
      try {
        await keys.reload()
      } catch (error) {
        throw toSocketioError(error, 'fetching the keys of JWTs (jwksUrl)')
      }
    },
    authenticate,
    close: async () => {},
  }
}

function userOf(id: unknown, expiry: number | undefined): AuthenticatedUser | undefined {
  if (typeof id !== 'string' && typeof id !== 'number') return undefined
  return { userId: id, ...(expiry === undefined ? {} : { expiresAt: expiry * 1_000 }) }
}
