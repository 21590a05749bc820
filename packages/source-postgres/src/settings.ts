import { type Clock, EdsError, type Logger, systemClock } from '@eds/core'
import { z } from 'zod'
import { type Endpoint, endpointOf } from './connection/endpoint.js'
import type { CaptureMode, PostgresSourceOptions } from './types.js'

/** {@link PostgresSourceOptions}, checked and completed. */
export interface Settings {
  readonly endpoint: Endpoint
  readonly mode: CaptureMode | 'auto'
  readonly tables: readonly string[] | undefined
  readonly region: string
  readonly schema: string
  readonly snapshot: boolean
  readonly replicaIdentity: 'full' | 'keep'
  readonly bufferBytes: number
  readonly refreshMs: number
  readonly pollMs: number
  readonly takeoverMs: number
  readonly clock: Clock
  readonly logger: Logger
}

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} }
const positive = (fallback: number) => z.number().int().positive().default(fallback)

/** The options that are more than text or objects of the caller; `readme.test.ts` looks at their names. */
export const options = z.object({
  mode: z.enum(['auto', 'triggers', 'replication']).default('auto'),
  tables: z.array(z.string().min(1)).min(1).optional(),
  schema: z.string().min(1).max(63).default('public'),
  region: z.string().min(1).optional(),
  snapshot: z.boolean().default(true),
  replicaIdentity: z.enum(['full', 'keep']).default('full'),
  bufferBytes: positive(4 * 1024 * 1024),
  refreshMs: positive(5_000),
  pollMs: positive(1_000),
  takeoverMs: z.number().int().nonnegative().default(5_000),
  connectTimeoutMs: positive(10_000),
})

/** @throws EdsError `configuration` naming the option at fault. */
export function resolveSettings(given: PostgresSourceOptions): Settings {
  const parsed = options.safeParse(given)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw new EdsError('configuration', `PostgreSQL source: option "${issue?.path.join('.')}": ${issue?.message}`)
  }
  const { connectTimeoutMs, tables, region, ...rest } = parsed.data
  const endpoint = endpointOf(given.url, connectTimeoutMs)
  return {
    ...rest,
    endpoint,
    tables,
    region: region ?? endpoint.database,
    clock: given.clock ?? systemClock,
    logger: given.logger ?? silent,
  }
}
