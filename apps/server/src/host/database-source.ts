import { type Logger, parseUrl, type SchemaRegistry, type Source } from '@eds/core'
import { usageError } from '../exit-codes.js'

/** The databases whose changes can be captured. */
export type DatabaseKind = 'postgres' | 'mysql'

export interface DatabaseSourceOptions {
  readonly logger?: Logger
  /** Default: every table that has a primary key. */
  readonly tables?: readonly string[]
  /** One of {@link captureModes} of the database; default: what the server and our rights allow. */
  readonly mode?: string
  /** MySQL's triggers: the table that they write to. */
  readonly outboxTable?: string
}

/** A database as a source. Connects when it is used. */
export interface DatabaseSource {
  readonly source: Source
  /** Schemas as the catalog declares them, under the versions that the events name; the latest are those of the tables asked for. */
  readonly registry: SchemaRegistry
  /** Removes everything that EDS has put into the database; resolves to what it was, by name. */
  remove(): Promise<readonly string[]>
  /** Triggers that the program esink has left, by name. */
  findEsinkTriggers(): Promise<readonly string[]>
  /** Removes them; resolves to what it removed. */
  removeEsinkTriggers(): Promise<readonly string[]>
}

const kindOfScheme: Readonly<Record<string, DatabaseKind>> = {
  postgres: 'postgres',
  postgresql: 'postgres',
  mysql: 'mysql',
  mariadb: 'mysql',
}

/** How changes can be captured, by database. */
export const captureModes = {
  postgres: ['auto', 'replication', 'triggers'],
  mysql: ['auto', 'binlog', 'triggers'],
} as const

/** @throws CommandFailure (exit code 3) for a URL of anything else. */
export function databaseKind(url: string): DatabaseKind {
  const { scheme } = parseUrl(url)
  const kind = Object.hasOwn(kindOfScheme, scheme) ? kindOfScheme[scheme] : undefined
  if (kind !== undefined) return kind
  throw usageError(
    `changes of ${scheme}:// cannot be captured`,
    'name a database, for instance postgres://localhost/shop or mysql://localhost/shop',
  )
}

/** @throws CommandFailure (exit code 3) for a mode that the database does not have. */
export function checkMode(kind: DatabaseKind, mode: string | undefined): void {
  const modes: readonly string[] = captureModes[kind]
  if (mode !== undefined && !modes.includes(mode)) {
    throw usageError(`--mode ${JSON.stringify(mode)} is no way to capture changes here`, `write ${modes.join(', ')}`)
  }
}

/**
 * The source of the database that a URL names.
 *
 * @throws CommandFailure (exit code 3), EdsError `configuration` when the URL or an option is wrong
 */
export async function databaseSource(url: string, options: DatabaseSourceOptions = {}): Promise<DatabaseSource> {
  const kind = databaseKind(url)
  checkMode(kind, options.mode)
  return kind === 'postgres' ? postgresSource(url, options) : mysqlSource(url, options)
}

async function postgresSource(url: string, { mode = 'auto', tables, logger }: DatabaseSourceOptions) {
  const { postgres } = await import('@eds/source-postgres')
  const source = postgres({
    url,
    mode: captureModes.postgres.find((known) => known === mode) ?? 'auto',
    ...(tables && { tables }),
    ...(logger && { logger }),
  })
  const remove = async () => {
    const { slots, publications, triggers, tables: removed } = await source.remove()
    return named({ 'replication slot': slots, publication: publications, trigger: triggers, table: removed })
  }
  return {
    source,
    registry: source.registry,
    remove,
    findEsinkTriggers: async () => (await source.findEsinkTriggers()).map(esinkName),
    removeEsinkTriggers: async () => (await source.removeEsinkTriggers()).map(esinkName),
  }
}

function esinkName({ schema, table, trigger }: { schema: string; table: string; trigger: string }): string {
  return `trigger ${trigger} on ${schema}.${table}`
}

async function mysqlSource(url: string, { mode = 'auto', tables, logger, outboxTable }: DatabaseSourceOptions) {
  const { mysql } = await import('@eds/source-mysql')
  const source = mysql({
    url,
    mode: captureModes.mysql.find((known) => known === mode) ?? 'auto',
    ...(tables && { tables }),
    ...(logger && { logger }),
    ...(outboxTable !== undefined && { outboxTable }),
  })
  const remove = async () => {
    const { triggers, tables: removed } = await source.remove()
    return named({ trigger: triggers, table: removed })
  }
  // esink never got as far as making its triggers in MySQL.
  const none = async () => []
  return { source, registry: source.registry, remove, findEsinkTriggers: none, removeEsinkTriggers: none }
}

function named(removed: Readonly<Record<string, readonly string[]>>): string[] {
  return Object.entries(removed).flatMap(([kind, names]) => names.map((name) => `${kind} ${name}`))
}
