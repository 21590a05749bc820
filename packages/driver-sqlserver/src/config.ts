import { EdsError, formatUrl, parseUrl, secret } from '@eds/core'
import { databaseFormFields } from '@eds/sql'
import { z } from 'zod'

export const defaultPort = 1433

const authentications = [
  'default',
  'azure-active-directory-default',
  'azure-active-directory-password',
  'azure-active-directory-access-token',
  'azure-active-directory-msi-vm',
  'azure-active-directory-msi-app-service',
  'azure-active-directory-service-principal-secret',
] as const

const flag = z.union([z.boolean(), z.stringbool()])
const text = z.string().min(1)

/** Settings of a SQL Server destination; each is a URL parameter too, unless it has a place of its own in the URL. */
export const configSchema = z.strictObject({
  hostname: text.describe('Host name or address'),
  port: z.coerce
    .number()
    .int()
    .min(1)
    .max(65_535)
    .default(defaultPort)
    .describe('Port; not used with `instanceName`, whose port is asked of the SQL Server Browser'),
  database: text.describe('Name of the database'),
  username: z.string().default('').describe('Login'),
  password: secret(z.string()).optional().describe('Its password'),
  schema: text.optional().describe('Schema for the tables; default: that of the user'),
  instanceName: text.optional().describe('Named instance, such as `SQLEXPRESS`'),
  guard: flag
    .default(false)
    .describe('Keep positions, so that an older change never overwrites a newer one, whatever is replayed'),
  tombstoneDays: z.coerce
    .number()
    .positive()
    .max(36_500)
    .default(7)
    .describe('With `guard`: how long deleted keys are remembered'),
  encrypt: flag.optional().describe('Encrypt the connection; default: not on this machine, but elsewhere'),
  trustServerCertificate: flag.default(false).describe('Accept any certificate of the server'),
  authentication: z
    .enum(authentications)
    .default('default')
    .describe('`default`: login and password of SQL Server; others: Microsoft Entra ID'),
  clientId: text.optional().describe('Entra ID: application (client) id'),
  tenantId: text.optional().describe('Entra ID: directory (tenant) id'),
  clientSecret: secret(z.string()).optional().describe('Entra ID: secret of a service principal'),
  token: secret(z.string()).optional().describe('Entra ID: an access token for `https://database.windows.net/`'),
  multiSubnetFailover: flag.default(false).describe('Try all addresses of an availability group’s listener at once'),
  connectTimeoutMs: z.coerce.number().int().positive().default(15_000).describe('Give up connecting after this long'),
  requestTimeoutMs: z.coerce
    .number()
    .int()
    .nonnegative()
    .default(60_000)
    .describe('Cancel a batch after this long; 0: never. Imports are not limited'),
  applicationName: z.string().default('eds').describe('Shown in `sys.dm_exec_sessions`'),
})

export type SqlServerConfig = z.output<typeof configSchema>

export const formFields = databaseFormFields(defaultPort)

/** Parameters of the URL under the names that other clients of SQL Server give them, without blanks and in lower case. */
const aliases: Readonly<Record<string, keyof SqlServerConfig>> = {
  appname: 'applicationName',
  server: 'hostname',
  userid: 'username',
  user: 'username',
  instance: 'instanceName',
  initialcatalog: 'database',
  fedauth: 'authentication',
}

/** Known to other clients, and without a meaning here. */
const ignored = new Set(['dialtimeout', 'log', 'keepalive', 'packetsize', 'pooling', 'applicationintent', 'tlsmin'])

const optionNames = new Map(Object.keys(configSchema.shape).map((name) => [name.toLowerCase(), name]))

/** URL → input of {@link configSchema}. Throws `EdsError('configuration')` without quoting a secret. */
export function parseConfigUrl(url: string): unknown {
  const { user, password, hosts, path, query } = parseUrl(url)
  const input: Record<string, string | number> = {}
  for (const [name, value] of Object.entries(query)) Object.assign(input, optionOf(name, value))
  if (user !== undefined) input.username = user
  if (password !== undefined) input.password = password
  const place = path.replace(/^\/|\/$/g, '')
  // As the Go client has it: with ?database= the path names the instance.
  if (place !== '' && input.database !== undefined) input.instanceName ??= place
  else if (place !== '') input.database = place
  const [first] = hosts
  if (hosts.length > 1) {
    throw new EdsError('configuration', 'SQL Server destinations take one host', {
      fix: 'name the listener of the availability group, with ?multiSubnetFailover=true',
    })
  }
  if (first !== undefined) input.hostname = first.host
  if (first?.port !== undefined) input.port = first.port
  return input
}

function optionOf(name: string, value: string): Record<string, string | number> {
  const plain = name.replace(/[\s_-]/g, '').toLowerCase()
  if (ignored.has(plain)) return {}
  if (plain === 'connectiontimeout') return { connectTimeoutMs: Number(value) * 1000 }
  // The Go client's way of saying: encrypt nothing but the login, and verify nothing.
  if (plain === 'encrypt' && value === 'disable') return { encrypt: 'false' }
  const key = (Object.hasOwn(aliases, plain) ? aliases[plain] : undefined) ?? optionNames.get(plain)
  if (key !== undefined) return { [key]: value }
  throw new EdsError('configuration', `SQL Server destinations have no option "${name}"`, {
    fix: `options are ${Object.keys(configSchema.shape).slice(5).join(', ')}`,
  })
}

/** Config → URL that {@link parseConfigUrl} reads back as the same. Options that have their default value are left out. */
export function formatConfigUrl(config: SqlServerConfig): string {
  const { hostname, port, database, username, password, ...options } = config
  // A path cannot tell a slash at its rim from none.
  const inPath = !/^\/|\/$/.test(database) && options.instanceName === undefined
  const query: Record<string, string> = inPath ? {} : { database }
  for (const [name, value] of Object.entries(options)) {
    if (value !== undefined && value !== defaults[name as keyof typeof defaults]) query[name] = String(value)
  }
  return formatUrl({
    scheme: 'sqlserver',
    user: username,
    ...(password === undefined ? {} : { password }),
    hosts: [{ host: hostname, port }],
    path: inPath ? `/${database}` : '',
    query,
  })
}

const defaults: Partial<SqlServerConfig> = configSchema.parse({ hostname: 'localhost', database: 'any' })

/** Whether the connection is encrypted: as asked, or else everywhere but on this machine. */
export function isEncrypted({ encrypt, hostname }: Pick<SqlServerConfig, 'encrypt' | 'hostname'>): boolean {
  return encrypt ?? !(hostname === 'localhost' || hostname === '::1' || hostname.startsWith('127.'))
}
