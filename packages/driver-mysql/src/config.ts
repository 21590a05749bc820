import { EdsError, formatUrl, parseUrl, secret } from '@eds/core'
import { databaseFormFields } from '@eds/sql'
import { z } from 'zod'

export const defaultPort = 3306

const tlsModes = ['disable', 'prefer', 'required', 'verify'] as const
export type TlsMode = (typeof tlsModes)[number]

const flag = z.union([z.boolean(), z.stringbool()])

/** Settings of a MySQL destination; each is a URL parameter too, unless it has a place of its own in the URL. */
export const configSchema = z.strictObject({
  hostname: z.string().min(1).describe('Host; a path beginning with `/` is a Unix socket'),
  port: z.coerce.number().int().min(1).max(65_535).default(defaultPort).describe('Port'),
  database: z.string().min(1).describe('Name of the database'),
  username: z.string().min(1).default('root').describe('User to log in as'),
  password: secret(z.string()).optional().describe('Its password'),
  guard: flag
    .default(false)
    .describe('Keep positions, so that an older change never overwrites a newer one, whatever is replayed'),
  tombstoneDays: z.coerce
    .number()
    .positive()
    .max(36_500)
    .default(7)
    .describe('With `guard`: how long deleted keys are remembered'),
  tls: z
    .enum(tlsModes)
    .optional()
    .describe(
      'Encryption; `required` does not verify the certificate; default: `disable` for this machine, `prefer` elsewhere',
    ),
  sslca: z.string().min(1).optional().describe('PEM file of the authorities to trust; default: those of Node.js'),
  sslcert: z.string().min(1).optional().describe('PEM file of the client’s certificate'),
  sslkey: z.string().min(1).optional().describe('PEM file of its key'),
  connectTimeoutMs: z.coerce.number().int().positive().default(10_000).describe('Give up connecting after this long'),
  statementTimeoutMs: z.coerce
    .number()
    .int()
    .positive()
    .default(120_000)
    .describe('Give up a request that the server does not answer after this long'),
  localInfile: flag.default(true).describe('Import by `LOAD DATA LOCAL` where the server allows it'),
})

export type MysqlConfig = z.output<typeof configSchema>

export const formFields = databaseFormFields(defaultPort)

/** Parameters of the URL under the names that other clients give them. */
const aliases: Readonly<Record<string, keyof MysqlConfig>> = {
  socket: 'hostname',
  user: 'username',
  'ssl-mode': 'tls',
  sslmode: 'tls',
  'ssl-ca': 'sslca',
  'ssl-cert': 'sslcert',
  'ssl-key': 'sslkey',
}

/** Words of other clients for {@link TlsMode}. */
const tlsWords: Readonly<Record<string, TlsMode>> = {
  false: 'disable',
  disabled: 'disable',
  preferred: 'prefer',
  true: 'verify',
  verify_ca: 'verify',
  verify_identity: 'verify',
  'verify-ca': 'verify',
  'verify-full': 'verify',
  require: 'required',
  'skip-verify': 'required',
}

/** Known to other clients, and without a meaning here. */
const ignored = new Set([
  'charset',
  'collation',
  'interpolateParams',
  'loc',
  'multiStatements',
  'parseTime',
  'timezone',
])

/** URL → input of {@link configSchema}. Throws `EdsError('configuration')` without quoting a secret. */
export function parseConfigUrl(url: string): unknown {
  const { user, password, hosts, path, query } = parseUrl(url)
  const input: Record<string, string | number> = {}
  for (const [name, value] of Object.entries(query)) Object.assign(input, optionOf(name, value))
  if (user !== undefined) input.username = user
  if (password !== undefined) input.password = password
  if (path.length > 1) input.database = path.slice(1)
  if (hosts.length > 1) {
    throw new EdsError('configuration', 'a MySQL destination has one host, and its URL names several', {
      fix: 'name the primary, or a proxy in front of the servers',
    })
  }
  const [host] = hosts
  if (host !== undefined) input.hostname = host.host
  if (host?.port !== undefined) input.port = host.port
  return input
}

function optionOf(name: string, value: string): Record<string, string | number> {
  if (ignored.has(name)) return {}
  const key = Object.hasOwn(aliases, name) ? aliases[name] : name
  if (key === undefined || !Object.hasOwn(configSchema.shape, key)) {
    throw new EdsError('configuration', `MySQL destinations have no option "${name}"`, {
      fix: `options are ${Object.keys(configSchema.shape).slice(5).join(', ')}`,
    })
  }
  if (key !== 'tls') return { [key]: value }
  const word = value.toLowerCase()
  return { tls: Object.hasOwn(tlsWords, word) ? (tlsWords[word] ?? word) : word }
}

/** Config → URL that {@link parseConfigUrl} reads back as the same. Options that have their default value are left out. */
export function formatConfigUrl(config: MysqlConfig): string {
  const { hostname, port, database, username, password, ...options } = config
  const isSocket = hostname.startsWith('/')
  const query: Record<string, string> = isSocket ? { socket: hostname, port: String(port) } : {}
  for (const [name, value] of Object.entries(options)) {
    if (value !== undefined && value !== defaults[name as keyof typeof defaults]) query[name] = String(value)
  }
  return formatUrl({
    scheme: 'mysql',
    user: username,
    ...(password === undefined ? {} : { password }),
    hosts: isSocket ? [] : [{ host: hostname, port }],
    path: `/${database}`,
    query,
  })
}

const defaults: Partial<MysqlConfig> = configSchema.parse({ hostname: 'localhost', database: 'any' })
