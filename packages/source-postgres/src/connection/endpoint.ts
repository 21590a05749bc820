import { EdsError, parseUrl } from '@eds/core'

const sslModes = ['disable', 'require', 'verify-ca', 'verify-full'] as const

/** Where the database is and how to log in. */
export interface Endpoint {
  readonly host: string
  readonly port: number
  readonly database: string
  readonly user: string
  readonly password: string
  readonly sslmode: (typeof sslModes)[number]
  readonly sslrootcert?: string
  readonly connectTimeoutMs: number
  /** Without secrets, for people: `postgres://host:5432/database`. */
  readonly where: string
}

/** @throws EdsError `configuration` without quoting a secret. */
export function endpointOf(url: string, connectTimeoutMs: number): Endpoint {
  const { scheme, user = 'postgres', password = '', hosts, path, query } = parseUrl(url)
  const [first] = hosts
  if (scheme !== 'postgres' && scheme !== 'postgresql') {
    throw new EdsError('configuration', `PostgreSQL source: the URL begins with ${scheme}:// instead of postgres://`)
  }
  if (first === undefined || path.length < 2) {
    throw new EdsError('configuration', 'PostgreSQL source: the URL needs a host and a database')
  }
  const { host, port = 5432 } = first
  const database = path.slice(1)
  return {
    host,
    port,
    database,
    user,
    password,
    sslmode: sslModeOf(query.sslmode, host),
    ...(query.sslrootcert ? { sslrootcert: query.sslrootcert } : {}),
    connectTimeoutMs,
    where: `postgres://${host}:${port}/${database}`,
  }
}

/** Without one: nothing on this machine, encrypted but not verified elsewhere. `allow` and `prefer` count as `require`. */
function sslModeOf(given: string | undefined, host: string): Endpoint['sslmode'] {
  if (given === undefined) return /^(?:localhost|::1|127\..*)$/.test(host) ? 'disable' : 'require'
  if (given === 'allow' || given === 'prefer') return 'require'
  const mode = sslModes.find((known) => known === given)
  if (mode) return mode
  throw new EdsError('configuration', `PostgreSQL source: sslmode is none of ${sslModes.join(', ')}`)
}
