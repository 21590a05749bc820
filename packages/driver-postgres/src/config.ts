import { EdsError, formatUrl, parseUrl, secret, type UrlHost } from '@eds/core'
import { databaseFormFields } from '@eds/sql'
import { z } from 'zod'

export const defaultPort = 5432

const sslModes = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const
export type SslMode = (typeof sslModes)[number]

const flag = z.union([z.boolean(), z.stringbool()])

/** Settings of a PostgreSQL destination; each is a URL parameter too, unless it has a place of its own in the URL. */
export const configSchema = z.strictObject({
  hostname: z
    .string()
    .min(1)
    .describe('Host, or several to try in turn (`a,b:5433`); a path beginning with `/` is the folder of a Unix socket'),
  port: z.coerce.number().int().min(1).max(65_535).default(defaultPort).describe('Port of hosts that name none'),
  database: z.string().min(1).describe('Name of the database'),
  username: z.string().min(1).default('postgres').describe('Role to log in as'),
  password: secret(z.string()).optional().describe('Its password'),
  schema: z.string().min(1).optional().describe('Schema for the tables; default: the first of the role’s search path'),
  guard: flag
    .default(false)
    .describe('Keep positions, so that an older change never overwrites a newer one, whatever is replayed'),
  tombstoneDays: z.coerce
    .number()
    .positive()
    .max(36_500)
    .default(7)
    .describe('With `guard`: how long deleted keys are remembered'),
  sslmode: z
    .enum(sslModes)
    .optional()
    .describe('As in libpq; default: `disable` for this machine, `require` (encrypted, not verified) elsewhere'),
  sslrootcert: z.string().min(1).optional().describe('PEM file of the authorities to trust; default: those of Node.js'),
  sslcert: z.string().min(1).optional().describe('PEM file of the client’s certificate'),
  sslkey: z.string().min(1).optional().describe('PEM file of its key'),
  connectTimeoutMs: z.coerce.number().int().positive().default(10_000).describe('Give up on a host after this long'),
  statementTimeoutMs: z.coerce
    .number()
    .int()
    .nonnegative()
    .optional()
    .describe('Have the server cancel a statement after this long; default: the server’s own setting'),
  applicationName: z.string().default('eds').describe('Shown in `pg_stat_activity`'),
})

export type PostgresConfig = z.output<typeof configSchema>

export const formFields = databaseFormFields(defaultPort)

/** Parameters of the URL under the names that libpq gives them. */
const aliases: Readonly<Record<string, keyof PostgresConfig>> = {
  application_name: 'applicationName',
  statement_timeout: 'statementTimeoutMs',
  host: 'hostname',
  dbname: 'database',
  user: 'username',
  password: 'password',
  port: 'port',
  search_path: 'schema',
  currentSchema: 'schema',
}

/** Known to other clients, and without a meaning here. */
const ignored = new Set([
  'binary_parameters',
  'channel_binding',
  'client_encoding',
  'fallback_application_name',
  'gssencmode',
  'keepalives',
  'keepalives_idle',
  'pgbouncer',
  'pool_max_conns',
  'pool_min_conns',
  'sslsni',
  'target_session_attrs',
  'uselibpqcompat',
])

/** URL → input of {@link configSchema}. Throws `EdsError('configuration')` without quoting a secret. */
export function parseConfigUrl(url: string): unknown {
  const { user, password, hosts, path, query } = parseUrl(url)
  const input: Record<string, string | number> = {}
  for (const [name, value] of Object.entries(query)) Object.assign(input, optionOf(name, value))
  if (user !== undefined) input.username = user
  if (password !== undefined) input.password = password
  if (path.length > 1) input.database = path.slice(1)
  const [first] = hosts
  if (first !== undefined && hosts.length === 1) {
    input.hostname = first.host
    if (first.port !== undefined) input.port = first.port
  } else if (hosts.length > 1) {
    input.hostname = hosts.map(formatHost).join(',')
  }
  return input
}

function optionOf(name: string, value: string): Record<string, string | number> {
  if (ignored.has(name)) return {}
  if (name === 'connect_timeout') return { connectTimeoutMs: Number(value) * 1000 }
  const key = Object.hasOwn(aliases, name) ? aliases[name] : name
  if (key !== undefined && Object.hasOwn(configSchema.shape, key)) return { [key]: value }
  throw new EdsError('configuration', `PostgreSQL destinations have no option "${name}"`, {
    fix: `options are ${Object.keys(configSchema.shape).slice(5).join(', ')}`,
  })
}

/** Config → URL that {@link parseConfigUrl} reads back as the same. Options that have their default value are left out. */
export function formatConfigUrl(config: PostgresConfig): string {
  const { hostname, port, database, username, password, ...options } = config
  const isSocket = hostname.startsWith('/')
  const query: Record<string, string> = isSocket ? { host: hostname, port: String(port) } : {}
  for (const [name, value] of Object.entries(options)) {
    if (value !== undefined && value !== defaults[name as keyof typeof defaults]) query[name] = String(value)
  }
  return formatUrl({
    scheme: 'postgres',
    user: username,
    ...(password === undefined ? {} : { password }),
    hosts: isSocket ? [] : hostsInUrl(config),
    path: `/${database}`,
    query,
  })
}

const defaults: Partial<PostgresConfig> = configSchema.parse({ hostname: 'localhost', database: 'any' })

function hostsInUrl({ hostname, port }: PostgresConfig): UrlHost[] {
  const hosts = splitHosts(hostname)
  return hosts.length === 1 ? [{ port, ...hosts[0] } as UrlHost] : hosts
}

/** The hosts to try, in order. */
export function hostsOf({ hostname, port }: PostgresConfig): Required<UrlHost>[] {
  return splitHosts(hostname).map((host) => ({ port, ...host }))
}

/** `a,b:5433,[::1]:5434` → hosts; a bare IPv6 address and a socket folder are one host. */
function splitHosts(hostname: string): UrlHost[] {
  if (hostname.startsWith('/') || /^[^,[\]]*:[^,[\]]*:[^,]*$/.test(hostname)) return [{ host: hostname }]
  return hostname.split(',').map((item) => {
    const [, bracketed, plain, port] = /^\s*(?:\[(.+)\]|([^:]*))(?::(\d{1,5}))?\s*$/.exec(item) ?? []
    const host = bracketed ?? plain
    if (!host) throw new EdsError('configuration', 'a host of the PostgreSQL destination is empty or cannot be read')
    return { host, ...(port === undefined ? {} : { port: Number(port) }) }
  })
}

function formatHost({ host, port }: UrlHost): string {
  const name = host.includes(':') ? `[${host}]` : host
  return port === undefined ? name : `${name}:${port}`
}
