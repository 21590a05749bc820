import { EdsError, type SchemaChange, type SchemaSupport, type TableSchema } from '@eds/core'
import { byTable, KnownSchemas, type Migration, planMigration, tombstoneTable } from '@eds/sql'
import {
  buildCatalog,
  type ColumnRow,
  columnsQuery,
  type PostgresCatalog,
  type UniqueKeyRow,
  uniqueConstraintsQuery,
  uniqueKeysQuery,
} from './catalog.js'
import { PostgresDialect } from './dialect.js'
import { toMigrationError } from './errors.js'
import { type PostgresTable, planPostgresTable } from './plan.js'
import type { Session } from './session.js'

/** Held while tables are made, so that two that start at once do not make the same one. Any number that nobody else uses. */
const migrationLock = 4_823_117_001

/** The tables of the destination as this run knows them: the schemas that were prepared, and how to write by them. */
export class Tables implements SchemaSupport {
  readonly #session: () => Session
  readonly #guard: boolean
  readonly #schemas = new KnownSchemas()
  readonly #plans = new Map<string, PostgresTable>()
  #ids = 0

  /** `session`: the connection to use; throws when there is none. */
  constructor(session: () => Session, guard: boolean) {
    this.#session = session
    this.#guard = guard
  }

  get plans(): ReadonlyMap<string, PostgresTable> {
    return this.#plans
  }

  async prepare(schemas: readonly TableSchema[], signal: AbortSignal): Promise<SchemaChange[]> {
    const session = this.#session()
    this.#schemas.remember(schemas)
    const tables = [...new Set(schemas.map(({ table }) => table))]
    const known = tables.flatMap((table) => this.#schemas.versionsOf(table))
    const changes = await this.#migrate(session, known, signal)
    const catalog = await readCatalog(session, tables, signal)
    for (const [table, versions] of byTable(known)) this.#plans.set(table, this.planFor(session, versions, catalog))
    return changes
  }

  /** How rows of these versions of one table go into it as it is. */
  planFor({ server }: Session, versions: readonly TableSchema[], catalog: PostgresCatalog): PostgresTable {
    const table = versions[0]?.table ?? ''
    const found = catalog.get(table)
    if (found === undefined) throw new EdsError('schema', `table "${table}" is not there`, { table })
    const { schemaName } = server
    return planPostgresTable(versions, found, { schemaName, guard: this.#guard, nextId: () => ++this.#ids })
  }

  async #migrate(session: Session, schemas: readonly TableSchema[], signal: AbortSignal): Promise<SchemaChange[]> {
    const { schemaName, cockroach } = session.server
    const dialect = new PostgresDialect(schemaName)
    const tables = [...new Set(schemas.map(({ table }) => table)), tombstoneTable]
    const plan = async () =>
      planMigration(schemas, await readCatalog(session, tables, signal), dialect, { guard: this.#guard })
    const first = await plan()
    if (first.statements.length === 0) return []
    try {
      // CockroachDB changes schemas outside of transactions, and has no such locks.
      if (cockroach) return await apply(session, first, signal)
      await session.query('BEGIN', undefined, signal)
      await session.query('SELECT pg_advisory_xact_lock($1)', [migrationLock], signal)
      const changes = await apply(session, await plan(), signal)
      await session.query('COMMIT', undefined, signal)
      return changes
    } catch (error) {
      await session.rollBack()
      throw toMigrationError(error)
    }
  }
}

async function apply(
  session: Session,
  { statements, changes }: Migration,
  signal: AbortSignal,
): Promise<SchemaChange[]> {
  for (const statement of statements) await session.query(statement, undefined, signal)
  return [...changes]
}

/** What the database says about these tables. */
export async function readCatalog(
  session: Session,
  tables: readonly string[],
  signal: AbortSignal,
): Promise<PostgresCatalog> {
  const { schemaName, cockroach } = session.server
  const columns = await session.query<ColumnRow>(columnsQuery, [schemaName, tables], signal)
  const keysQuery = cockroach ? uniqueConstraintsQuery : uniqueKeysQuery
  const keys = await session.query<UniqueKeyRow>(keysQuery, [schemaName, tables], signal)
  return buildCatalog(columns, keys)
}
