import { EdsError } from '@eds/core'
import type { SocketioConfig } from '../config.js'
import type { Authenticate, Authenticator } from './authenticate.js'
import { jwtAuthenticator } from './jwt.js'
import { tableAuthenticator } from './table.js'

/** The token that is accepted in development. */
const testToken = 'TEST'
const testUser = { userId: -1 }

/**
 * Finds out, as connecting does, whether tokens can be looked up as the configuration says. Rejects with `EdsError`: `configuration` for
 * a missing table or column, `authentication` for a refused login or a missing right, `connection` and `timeout` while nobody answers.
 */
export async function checkTokens(config: SocketioConfig, signal: AbortSignal): Promise<void> {
  const authenticator = await openAuthenticator(config, undefined)
  try {
    await authenticator.check(AbortSignal.any([signal, AbortSignal.timeout(config.timeoutMs)]))
  } finally {
    await authenticator.close()
  }
}

/** The authenticator that the program gives, or else the one that the configuration asks for. */
export async function openAuthenticator(config: SocketioConfig, own: Authenticate | undefined): Promise<Authenticator> {
  const inner = await choose(config, own)
  if (!config.development) return inner
  return {
    ...inner,
    authenticate: async (token, signal) => (token === testToken ? testUser : inner.authenticate(token, signal)),
  }
}

async function choose(config: SocketioConfig, own: Authenticate | undefined): Promise<Authenticator> {
  if (own !== undefined) return fixed(own)
  if (config.authUrl !== undefined) return tableAuthenticator(config.authUrl, config)
  if (config.jwksUrl !== undefined) return jwtAuthenticator(config.jwksUrl, config)
  if (config.development) return fixed(async () => undefined)
  throw new EdsError('configuration', 'socket.io: nothing says which tokens are good', {
    fix: 'set authUrl (a database to look them up in) or jwksUrl (JWTs)',
  })
}

function fixed(authenticate: Authenticate): Authenticator {
  return { authenticate, check: async () => {}, close: async () => {} }
}
