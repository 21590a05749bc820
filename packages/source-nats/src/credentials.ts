import { EdsError } from '@eds/core'
import { z } from 'zod'

/** What a `.creds` file says about its holder. */
export interface CredentialFacts {
  /** The user's name, which is the server id. */
  readonly serverId?: string
  /** Companies whose changes may be read; `*` for all. Never empty. */
  readonly companyIds: readonly string[]
  readonly sessionId?: string
}

const claims = z.object({
  name: z.string().optional(),
  nats: z.object({
    sub: z.object({ allow: z.array(z.string()).default([]) }).default({ allow: [] }),
  }),
})

/**
 * Reads the user claim of a NATS `.creds` file: the server id from its name, companies from the allowed subscriptions
 * `dbchange.*.*.<companyId>.…` (`*` where all changes may be read), the session from `eds.notify.<sessionId>.…`. Checks no
 * signature: the server does.
 *
 * @throws EdsError `configuration` when it is not such a file or allows no company.
 */
export function readCredentials(creds: string | Uint8Array): CredentialFacts {
  const { name, nats } = userClaims(typeof creds === 'string' ? creds : new TextDecoder().decode(creds))
  const allowed = nats.sub.allow.map((subject) => subject.split('.'))
  const companyIds = isUnlimited(nats.sub.allow) ? ['*'] : unique(allowed.filter(isCompany).map(companyOf))
  if (companyIds.length === 0) {
    throw new EdsError('configuration', 'the NATS credentials allow no company', {
      fix: 'ask for credentials that may subscribe to dbchange.*.*.<company>.*.PUBLIC.>',
    })
  }
  const sessionId = allowed.find(([eds, notify]) => eds === 'eds' && notify === 'notify')?.[2]
  return { companyIds, ...(name && { serverId: name }), ...(sessionId && { sessionId }) }
}

/**
 * The companies to read: all that are allowed, or those of them that are wanted.
 *
 * @throws EdsError `configuration` when one is wanted that is not allowed.
 */
export function narrowCompanies(allowed: readonly string[], wanted: readonly string[] = []): readonly string[] {
  if (wanted.length === 0) return allowed
  const foreign = allowed.includes('*') ? [] : wanted.filter((id) => !allowed.includes(id))
  if (foreign.length > 0) {
    throw new EdsError('configuration', `the NATS credentials do not allow the companies ${foreign.join(', ')}`, {
      fix: `choose among ${allowed.join(', ')}`,
    })
  }
  return unique(wanted)
}

/** Without a list everything is allowed: https://docs.nats.io/running-a-nats-service/configuration/securing_nats/authorization */
function isUnlimited(subjects: readonly string[]): boolean {
  return subjects.length === 0 || subjects.some((subject) => subject === '>' || subject === 'dbchange.>')
}

function companyOf(tokens: readonly string[]): string {
  return tokens[3] ?? ''
}

function isCompany([root, , , company, ...rest]: readonly string[]): boolean {
  return root === 'dbchange' && Boolean(company) && company !== '>' && rest.length > 0
}

function userClaims(text: string): z.infer<typeof claims> {
  const token = /-----BEGIN NATS USER JWT-----\s+(\S+)\s+-+END NATS USER JWT-+/.exec(text)?.[1]
  const payload = token?.split('.')[1]
  try {
    return claims.parse(JSON.parse(Buffer.from(payload ?? '', 'base64url').toString('utf8')))
  } catch {
    throw new EdsError('configuration', 'the NATS credentials hold no readable user token', {
      fix: 'give the text of a .creds file, which begins with -----BEGIN NATS USER JWT-----',
    })
  }
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)]
}
