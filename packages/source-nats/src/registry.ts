import { EdsError, type Logger, SchemaCache, type SchemaRegistry, type StateStore, type TableSchema } from '@eds/core'
import { Connection } from './connection.js'
import { connectionSettings, type NatsConnectionOptions } from './connection-options.js'
import { readRequestedSchema } from './requested-schema.js'

export interface NatsRegistryOptions extends NatsConnectionOptions {
  /** Keeps schemas across restarts. When it fails, the registry goes on without. */
  readonly cache?: StateStore
  /** The tables that `latest` asks for; there is no way to ask which there are. */
  readonly tables?: readonly string[]
  readonly logger?: Logger
}

export interface NatsRegistry extends SchemaRegistry {
  /** Idempotent. */
  close(): Promise<void>
}

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} }

/**
 * A registry that asks by NATS request, as the older generation of the EDS server does: `schema.<table>.<modelVersion>`, or
 * `schema.<table>.latest`, with the body `{}`. Connects when it is first asked.
 *
 * `get` and `latest` reject with `connection` while nobody answers, which the lane retries, and with `configuration` when an answer
 * makes no sense.
 *
 * @throws EdsError `configuration` when no server is named or one is no address.
 */
export function natsRegistry(options: NatsRegistryOptions): NatsRegistry {
  const settings = connectionSettings(options)
  const cache = new SchemaCache(options.cache)
  let opened: Promise<Connection> | undefined
  const connection = async (): Promise<Connection> => {
    opened ??= Connection.open(settings, options.logger ?? silent)
    const current = await opened.catch((error: unknown) => {
      opened = undefined
      throw error
    })
    if (!current.isClosed) return current
    opened = undefined
    return connection()
  }
  const ask = async (table: string, version: string): Promise<TableSchema | undefined> => {
    const subject = `schema.${subjectToken(table)}.${subjectToken(version)}`
    const answer = await request(await connection(), subject)
    const schema = readRequestedSchema(answer, subject)
    if (schema === undefined) return undefined
    if (schema.table !== table || (version !== 'latest' && schema.modelVersion !== version)) {
      const given = `table "${schema.table}" in version "${schema.modelVersion}"`
      throw new EdsError('configuration', `the answer to ${subject} is the schema of ${given}`)
    }
    await cache.keep([schema])
    return schema
  }
  return {
    get: async (table, version) =>
      cache.recall(table, version) ?? (await cache.load(table, version)) ?? (await ask(table, version)),
    latest: async () => {
      const found = await Promise.all((options.tables ?? []).map((table) => ask(table, 'latest')))
      return new Map(found.flatMap((schema) => (schema ? [[schema.table, schema] as const] : [])))
    },
    close: async () => {
      const current = await opened?.catch(() => undefined)
      await current?.close()
    },
  }
}

async function request(connection: Connection, subject: string): Promise<unknown> {
  const { data } = await connection.request(subject, Buffer.from('{}')).catch((error: EdsError) => {
    const reason = isUnanswered(error) ? 'nobody answers' : error.message
    throw new EdsError(error.code, `NATS request ${subject}: ${reason}`, { cause: error })
  })
  try {
    return JSON.parse(Buffer.from(data).toString('utf8'))
  } catch (cause) {
    throw new EdsError('configuration', `the answer to ${subject} is not JSON`, { cause })
  }
}

/** https://docs.nats.io/nats-concepts/core-nats/reqreply: "no responders" */
function isUnanswered({ cause }: EdsError): boolean {
  return typeof cause === 'object' && cause !== null && 'code' in cause && cause.code === '503'
}

/** A table's name is not to be trusted with other subjects. */
function subjectToken(text: string): string {
  if (/^[^\s.*>]+$/.test(text)) return text
  throw new EdsError('record', `${JSON.stringify(text)} cannot be asked for by a NATS subject`)
}
