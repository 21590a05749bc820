import { type Clock, EdsError, type Logger, parseUrl, systemClock } from '@eds/core'
import { z } from 'zod'
import type { MysqlOptions } from './options.js'

const mebibyte = 1024 * 1024
const milliseconds = (fallback: number) => z.number().int().positive().default(fallback)
const name = z.string().min(1).max(64)

const shape = z.object({
  host: z.string().min(1).default('127.0.0.1'),
  port: z.number().int().min(1).max(65_535).default(3306),
  database: name,
  user: z.string().min(1).default('root'),
  password: z.string().default(''),
  tls: z.enum(['disable', 'prefer', 'required', 'verify']).optional(),
  ca: z.string().min(1).optional(),
  connectTimeoutMs: milliseconds(10_000),
  statementTimeoutMs: milliseconds(120_000),
  mode: z.enum(['auto', 'binlog', 'triggers']).default('auto'),
  tables: z.array(name).min(1).optional(),
  region: z.string().min(1).optional(),
  snapshot: z.boolean().default(true),
  outboxTable: name.default('eds_outbox'),
  pollMs: z.number().int().min(1).max(250).default(250),
  retainMs: z.number().int().nonnegative().default(60_000),
  refreshMs: milliseconds(1_000),
  takeoverMs: z.number().int().nonnegative().default(5_000),
  serverId: z.number().int().min(1).max(4_294_967_295).optional(),
  bufferBytes: milliseconds(4 * mebibyte),
})

/** {@link MysqlOptions}, checked and completed. */
export interface MysqlSettings extends Readonly<z.output<typeof shape>> {
  readonly region: string
  readonly clock: Clock
  readonly logger: Logger
  readonly random: () => number
  /** `mysql://host:3306/database`, without secrets. */
  readonly where: string
}

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} }

/** @throws EdsError `configuration` naming every option that is wrong. */
export function resolveSettings(options: MysqlOptions): MysqlSettings {
  const { url, clock, logger, random, ...given } = options
  const checked = shape.safeParse({ ...(url === undefined ? {} : fromUrl(url)), ...given })
  if (!checked.success) {
    const faults = checked.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
    throw new EdsError('configuration', `options of the MySQL source: ${faults.join('; ')}`)
  }
  const { host, port, database, region = database } = checked.data
  return {
    ...checked.data,
    region,
    clock: clock ?? systemClock,
    logger: logger ?? silent,
    random: random ?? Math.random,
    where: `mysql://${host}:${port}/${database}`,
  }
}

function fromUrl(url: string): Record<string, string | number> {
  const { scheme, user, password, hosts, path, query } = parseUrl(url)
  if (scheme !== 'mysql' && scheme !== 'mariadb') {
    throw new EdsError(
      'configuration',
      `the URL of a MySQL source begins with mysql:// or mariadb://, not ${scheme}://`,
    )
  }
  const [only, other] = hosts
  if (other !== undefined) throw new EdsError('configuration', 'a MySQL source has one host, and its URL names several')
  return {
    ...(only === undefined ? {} : { host: only.host }),
    ...(only?.port === undefined ? {} : { port: only.port }),
    ...(user === undefined ? {} : { user }),
    ...(password === undefined ? {} : { password }),
    ...(path.length > 1 ? { database: path.slice(1) } : {}),
    ...(query.tls === undefined ? {} : { tls: query.tls }),
  }
}
