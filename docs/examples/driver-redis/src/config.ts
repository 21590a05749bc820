import { EdsError, formatUrl, parseUrl, secret } from '@eds/core'
import { z } from 'zod'

/** Settings of the destination. Their descriptions are the option table of the README, help texts and hints in forms. */
export const configSchema = z.strictObject({
  host: z.string().min(1).describe('Host name or address'),
  port: z.coerce.number().int().min(1).max(65_535).default(6379).describe('Its port'),
  user: z.string().min(1).optional().describe('User (ACL); default: the one called `default`'),
  password: secret(z.string().min(1)).optional().describe('Password, where the server asks for one'),
  database: z.coerce.number().int().min(0).default(0).describe('Number of the database: the path of the URL'),
  tls: z.boolean().default(false).describe('Speak TLS: what `rediss://` says'),
  prefix: z.string().default('eds:').describe('What the names of the streams begin with; the table follows'),
  maxLength: z.coerce.number().int().min(1).optional().describe('Keep about so many entries per stream; default: all'),
  timeoutMs: z.coerce.number().int().min(100).default(30_000).describe('Give up on a call after this long'),
})

export type RedisConfig = z.output<typeof configSchema>

/** `redis://user:password@host:port/0?prefix=shop:&maxLength=100000` → input of {@link configSchema}. */
export function parseConfigUrl(url: string): unknown {
  const { scheme, hosts, user, password, path, query } = parseUrl(url)
  const [host, ...others] = hosts
  if (host === undefined || others.length > 0 || 'tls' in query || 'database' in query) {
    const fix = 'write redis://<user>:<password>@<host>:<port>/<database>, with rediss:// for TLS'
    throw new EdsError('configuration', 'the URL must name one host; TLS and database have their places in it', { fix })
  }
  return {
    ...query,
    ...host,
    ...(user === undefined ? {} : { user }),
    ...(password === undefined ? {} : { password }),
    ...(path.length > 1 ? { database: path.slice(1) } : {}),
    tls: scheme === 'rediss',
  }
}

const defaults = configSchema.parse({ host: 'any' })

/** Config → URL that {@link parseConfigUrl} reads back as the same. What has its default value is left out. */
export function formatConfigUrl(config: RedisConfig): string {
  const { host, port, user, password, database, tls } = config
  const query: Record<string, string> = {}
  for (const key of ['prefix', 'maxLength', 'timeoutMs'] as const) {
    const value = config[key]
    if (value !== undefined && value !== defaults[key]) query[key] = String(value)
  }
  return formatUrl({
    scheme: tls ? 'rediss' : 'redis',
    ...(user === undefined ? {} : { user }),
    ...(password === undefined ? {} : { password }),
    hosts: [port === defaults.port ? { host } : { host, port }],
    path: database === defaults.database ? '' : `/${database}`,
    query,
  })
}
