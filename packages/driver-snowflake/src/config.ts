import { EdsError, type FormField, formatUrl, parseUrl, secret, type UrlHost } from '@eds/core'
import { z } from 'zod'

const flag = z.union([z.boolean(), z.stringbool()])

const ocspModes = ['failOpen', 'failClosed', 'off'] as const

/** Settings of a Snowflake destination; each is a URL parameter too, unless it has a place of its own in the URL. */
export const configSchema = z.strictObject({
  hostname: z
    .string()
    .min(1)
    .describe('Account identifier (`myorg-account`), or the host name `….snowflakecomputing.com` that holds it'),
  port: z.coerce.number().int().min(1).max(65_535).default(443).describe('Port'),
  database: z.string().min(1).describe('Name of the database; in double quotes when it is not upper case'),
  schema: z
    .string()
    .min(1)
    .default('PUBLIC')
    .describe('Schema for the tables; in double quotes when it is not upper case'),
  username: z.string().min(1).describe('User to log in as'),
  password: secret(z.string()).optional().describe('Password, or a programmatic access token'),
  privateKeyFile: z.string().min(1).optional().describe('PEM file (PKCS #8) of the private key, instead of a password'),
  privateKey: secret(z.string().min(1)).optional().describe('The private key itself, as PEM'),
  privateKeyPassphrase: secret(z.string()).optional().describe('Passphrase of an encrypted private key'),
  warehouse: z.string().min(1).optional().describe('Warehouse that does the work; default: that of the user'),
  role: z.string().min(1).optional().describe('Role; default: that of the user'),
  lingerMs: z.coerce
    .number()
    .int()
    .nonnegative()
    .max(600_000)
    .default(2_000)
    .describe('Collect changes for this long before each write'),
  guard: flag
    .default(false)
    .describe('Keep positions, so that an older change never overwrites a newer one, whatever is replayed'),
  tombstoneDays: z.coerce
    .number()
    .positive()
    .max(36_500)
    .default(7)
    .describe('With `guard`: how long deleted keys are remembered'),
  connectTimeoutMs: z.coerce
    .number()
    .int()
    .positive()
    .max(600_000)
    .default(30_000)
    .describe('Give up logging in after this long'),
  statementTimeoutMs: z.coerce
    .number()
    .int()
    .min(1_000)
    .max(86_400_000)
    .default(120_000)
    .describe('Give up a statement after this long; the server is told to cancel it then'),
  keepAlive: flag
    .default(false)
    .describe('Send heartbeats, so that the session survives hours without changes; they do not wake the warehouse'),
  host: z.string().min(1).optional().describe('Host to connect to, for private link; default: made from the account'),
  protocol: z.enum(['https', 'http']).default('https').describe('`http` is for tests only'),
  ocsp: z
    .enum(ocspModes)
    .default('failOpen')
    .describe('What an answer that is missing from the OCSP responder means; one setting for the whole process'),
})

export type SnowflakeConfig = z.output<typeof configSchema>

export const formFields: readonly FormField[] = [
  {
    name: 'Database',
    key: 'database',
    type: 'string',
    description: 'The database name to use',
    required: true,
  },
  { name: 'Username', key: 'username', type: 'string', description: 'The username to log in with', required: false },
  {
    name: 'Password',
    key: 'password',
    type: 'string',
    format: 'password',
    description: 'The password to log in with',
    required: false,
  },
  { name: 'Hostname', key: 'hostname', type: 'string', description: 'The account identifier', required: true },
  {
    name: 'Port',
    key: 'port',
    type: 'number',
    default: 443,
    description: 'The port number of the service',
    required: false,
  },
]

/** Parameters of the URL under the names that other clients give them. */
const aliases: Readonly<Record<string, keyof SnowflakeConfig>> = {
  account: 'hostname',
  user: 'username',
  client_session_keep_alive: 'keepAlive',
  clientSessionKeepAlive: 'keepAlive',
  private_key_file: 'privateKeyFile',
  privateKeyPath: 'privateKeyFile',
  private_key_passphrase: 'privateKeyPassphrase',
}

/** Known to other clients, and without a meaning here. */
const ignored = new Set(['application', 'authenticator', 'loginTimeout', 'requestTimeout', 'validateDefaultParameters'])

/** URL → input of {@link configSchema}. Throws `EdsError('configuration')` without quoting a secret. */
export function parseConfigUrl(url: string): unknown {
  const { user, password, hosts, path, query } = parseUrl(url)
  const input: Record<string, string | number> = {}
  for (const [name, value] of Object.entries(query)) if (!ignored.has(name)) input[optionOf(name)] = value
  if (user !== undefined) input.username = user
  if (password !== undefined) input.password = password
  Object.assign(input, placeOf(path))
  if (hosts.length > 1)
    throw new EdsError('configuration', 'a Snowflake destination has one account, and its URL names several')
  const [host] = hosts
  if (host !== undefined) input.hostname = host.host
  if (host?.port !== undefined) input.port = host.port
  return input
}

/** `/database/schema`; each may be missing. */
function placeOf(path: string): Record<string, string> {
  const [database = '', schema = '', more] = path.replace(/^\//, '').replace(/\/$/, '').split('/')
  if (more !== undefined) {
    throw new EdsError('configuration', 'the path of a Snowflake URL is /database/schema, and there is more', {
      fix: 'give names that hold a slash as ?database= and ?schema=',
    })
  }
  return { ...(database === '' ? {} : { database }), ...(schema === '' ? {} : { schema }) }
}

function optionOf(name: string): string {
  const key = Object.hasOwn(aliases, name) ? aliases[name] : name
  if (key !== undefined && Object.hasOwn(configSchema.shape, key)) return key
  throw new EdsError('configuration', `Snowflake destinations have no option "${name}"`, {
    fix: `options are ${Object.keys(configSchema.shape).slice(6).join(', ')}`,
  })
}

/** Config → URL that {@link parseConfigUrl} reads back as the same. Options that have their default value are left out. */
export function formatConfigUrl(config: SnowflakeConfig): string {
  const { hostname, port, database, schema, username, password, ...options } = config
  const inPath = ![database, schema].some((name) => name.includes('/'))
  const query: Record<string, string> = inPath ? {} : { database, schema }
  for (const [name, value] of Object.entries(options)) {
    if (value !== undefined && value !== defaults[name as keyof typeof defaults]) query[name] = String(value)
  }
  const host: UrlHost = port === defaults.port ? { host: hostname } : { host: hostname, port }
  return formatUrl({
    scheme: 'snowflake',
    user: username,
    ...(password === undefined ? {} : { password }),
    hosts: [host],
    path: inPath ? `/${database}/${schema}` : '',
    query,
  })
}

const defaults: Partial<SnowflakeConfig> = configSchema.parse({ hostname: 'a', database: 'd', username: 'u' })

/** Identifier of the account, taken out of a host name where one was given. */
export function accountOf({ hostname }: Pick<SnowflakeConfig, 'hostname'>): string {
  return hostname.replace(/\.snowflakecomputing\.(?:com|cn|mil)$/i, '')
}
