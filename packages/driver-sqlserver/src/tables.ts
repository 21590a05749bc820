import { EdsError, type SchemaChange, type SchemaSupport, type TableSchema } from '@eds/core'
import { byTable, KnownSchemas, planMigration, tombstoneTable } from '@eds/sql'
import { holdMigrationLock } from './app-lock.js'
import {
  buildCatalog,
  type ColumnRow,
  columnsQuery,
  foldName,
  type SqlServerCatalog,
  type UniqueKeyRow,
  uniqueKeysQuery,
} from './catalog.js'
import { SqlServerDialect } from './dialect.js'
import { toMigrationError } from './errors.js'
import { planSqlServerTable, type SqlServerTable } from './plan.js'
import type { Session } from './session.js'

/** The tables of the destination as this run knows them: the schemas that were prepared, and how to write by them. */
export class Tables implements SchemaSupport {
  readonly #session: () => Session
  readonly #guard: boolean
  readonly #schemas = new KnownSchemas()
  readonly #plans = new Map<string, SqlServerTable>()
  /** Name as the server compares names → name of the source's table that has it. */
  readonly #owners = new Map<string, string>()
  #ids = 0

  /** `session`: the connection to use; throws when there is none. */
  constructor(session: () => Session, guard: boolean) {
    this.#session = session
    this.#guard = guard
  }

  get plans(): ReadonlyMap<string, SqlServerTable> {
    return this.#plans
  }

  async prepare(schemas: readonly TableSchema[], signal: AbortSignal): Promise<SchemaChange[]> {
    const session = this.#session()
    const tables = [...new Set(schemas.map(({ table }) => table))]
    for (const table of tables) this.#claimName(table)
    this.#schemas.remember(schemas)
    const known = tables.flatMap((table) => this.#schemas.versionsOf(table))
    const changes = await this.#migrate(session, known, signal)
    const catalog = await readCatalog(session, tables, signal)
    for (const [table, versions] of byTable(known)) this.#plans.set(table, this.planFor(session, versions, catalog))
    return changes
  }

  /** How rows of these versions of one table go into it as it is. */
  planFor({ server }: Session, versions: readonly TableSchema[], catalog: SqlServerCatalog): SqlServerTable {
    const table = versions[0]?.table ?? ''
    const found = catalog.get(foldName(table))
    if (found === undefined) throw new EdsError('schema', `table "${table}" is not there`, { table })
    const { schemaName } = server
    return planSqlServerTable(versions, found, { schemaName, guard: this.#guard, nextId: () => ++this.#ids })
  }

  /** Two tables of the source whose names differ only in case would become one. */
  #claimName(table: string): void {
    const folded = foldName(table)
    const owner = this.#owners.get(folded) ?? table
    if (owner !== table) {
      throw new EdsError('record', `tables "${owner}" and "${table}" are one name to SQL Server`, {
        table,
        fix: 'rename one of them with a stage in front of this sink',
      })
    }
    this.#owners.set(folded, table)
  }

  async #migrate(session: Session, schemas: readonly TableSchema[], signal: AbortSignal): Promise<SchemaChange[]> {
    const dialect = new SqlServerDialect(session.server.schemaName)
    const tables = [...new Set(schemas.map(({ table }) => table)), tombstoneTable]
    const plan = async () =>
      planMigration(schemas, await readCatalog(session, tables, signal), dialect, { guard: this.#guard })
    const first = await plan()
    if (first.statements.length === 0) return []
    try {
      await session.query('BEGIN TRANSACTION', signal)
      await holdMigrationLock(session, signal)
      const { statements, changes } = await plan()
      for (const statement of statements) await session.query(statement, signal)
      await session.query('COMMIT TRANSACTION', signal)
      return [...changes]
    } catch (error) {
      await session.rollBack()
      throw toMigrationError(error)
    }
  }
}

/** What the database says about these tables. */
export async function readCatalog(
  session: Session,
  tables: readonly string[],
  signal: AbortSignal,
): Promise<SqlServerCatalog> {
  const { schemaName } = session.server
  const columns = await session.query<ColumnRow>(columnsQuery(schemaName, tables), signal)
  const keys = await session.query<UniqueKeyRow>(uniqueKeysQuery(schemaName, tables), signal)
  return buildCatalog(columns, keys)
}
