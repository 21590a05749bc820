import { EdsError, type SchemaChange, type SchemaSupport, type TableSchema } from '@eds/core'
import {
  buildCatalog,
  type Catalog,
  type ColumnRow,
  columnsQuery,
  type UniqueKeyRow,
  uniqueConstraintsQuery,
  uniqueKeysQuery,
} from './catalog.js'
import { toMigrationError } from './errors.js'
import { checkKeys, planTable, type TablePlan } from './plan.js'
import { byTable, planMigration } from './schema.js'
import type { Session } from './session.js'
import { tombstoneTable } from './statements.js'

/** Held while tables are made, so that two that start at once do not make the same one. Any number that nobody else uses. */
const migrationLock = 4_823_117_001

/** The tables of the destination as this run knows them: the schemas that were prepared, and how to write by them. */
export class Tables implements SchemaSupport {
  readonly #session: () => Session
  readonly #guard: boolean
  readonly #schemas = new Map<string, Map<string, TableSchema>>()
  readonly #plans = new Map<string, TablePlan>()
  #ids = 0

  /** `session`: the connection to use; throws when there is none. */
  constructor(session: () => Session, guard: boolean) {
    this.#session = session
    this.#guard = guard
  }

  get plans(): ReadonlyMap<string, TablePlan> {
    return this.#plans
  }

  async prepare(schemas: readonly TableSchema[], signal: AbortSignal): Promise<SchemaChange[]> {
    const session = this.#session()
    for (const schema of schemas) this.#remember(schema)
    const tables = [...new Set(schemas.map(({ table }) => table))]
    const known = tables.flatMap((table) => [...(this.#schemas.get(table)?.values() ?? [])])
    const changes = await this.#migrate(session, known, signal)
    const catalog = await readCatalog(session, tables, signal)
    for (const [table, versions] of byTable(known)) this.#plans.set(table, this.planFor(session, versions, catalog))
    return changes
  }

  /** How rows of these versions of one table go into it as it is. */
  planFor({ server }: Session, versions: readonly TableSchema[], catalog: Catalog): TablePlan {
    const table = versions[0]?.table ?? ''
    const found = catalog.get(table)
    if (found === undefined) throw new EdsError('schema', `table "${table}" is not there`, { table })
    checkKeys(versions, found)
    const { schemaName } = server
    return planTable(versions, found, { schemaName, guard: this.#guard, nextId: () => ++this.#ids })
  }

  #remember(schema: TableSchema): void {
    const versions = this.#schemas.get(schema.table) ?? new Map<string, TableSchema>()
    // Behind the others: the version prepared last counts as the newest.
    versions.delete(schema.modelVersion)
    versions.set(schema.modelVersion, schema)
    this.#schemas.set(schema.table, versions)
  }

  async #migrate(session: Session, schemas: readonly TableSchema[], signal: AbortSignal): Promise<SchemaChange[]> {
    const { schemaName, cockroach } = session.server
    const options = { schemaName, guard: this.#guard }
    const tables = [...new Set(schemas.map(({ table }) => table)), tombstoneTable]
    const plan = async () => planMigration(schemas, await readCatalog(session, tables, signal), options)
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
  { statements, changes }: ReturnType<typeof planMigration>,
  signal: AbortSignal,
): Promise<SchemaChange[]> {
  for (const statement of statements) await session.query(statement, undefined, signal)
  return [...changes]
}

/** What the database says about these tables. */
export async function readCatalog(session: Session, tables: readonly string[], signal: AbortSignal): Promise<Catalog> {
  const { schemaName, cockroach } = session.server
  const columns = await session.query<ColumnRow>(columnsQuery, [schemaName, tables], signal)
  const keysQuery = cockroach ? uniqueConstraintsQuery : uniqueKeysQuery
  const keys = await session.query<UniqueKeyRow>(keysQuery, [schemaName, tables], signal)
  return buildCatalog(columns, keys)
}
