import { columnOrder, EdsError, type SchemaChange, type SchemaSupport, type TableSchema } from '@eds/core'
import { byTable, KnownSchemas, type Migration, planMigration, tombstoneTable } from '@eds/sql'
import {
  buildCatalog,
  type ColumnRow,
  columnsQuery,
  type IndexRow,
  type JsonCheckRow,
  jsonChecksQuery,
  type MysqlCatalogTable,
  uniqueIndexesQuery,
} from './catalog.js'
import { MysqlDialect } from './dialect.js'
import { toMigrationError } from './errors.js'
import { checkNames } from './identifier.js'
import { type MysqlTable, planMysqlTable } from './plan.js'
import type { Session } from './session.js'

/** How long another process may take to make its tables. */
const lockSeconds = 60

/** The tables of the destination as this run knows them: the schemas that were prepared, and how to write by them. */
export class Tables implements SchemaSupport {
  readonly #session: () => Session
  readonly #guard: boolean
  readonly #schemas = new KnownSchemas()
  readonly #plans = new Map<string, MysqlTable>()
  #ids = 0

  /** `session`: the connection to use; throws when there is none. */
  constructor(session: () => Session, guard: boolean) {
    this.#session = session
    this.#guard = guard
  }

  get plans(): ReadonlyMap<string, MysqlTable> {
    return this.#plans
  }

  async prepare(schemas: readonly TableSchema[], signal: AbortSignal): Promise<SchemaChange[]> {
    const session = this.#session()
    for (const schema of schemas) checkNames(schema.table, columnOrder(schema))
    this.#schemas.remember(schemas)
    const tables = [...new Set(schemas.map(({ table }) => table))]
    const known = byTable(tables.flatMap((table) => this.#schemas.versionsOf(table)))
    const changes = await this.#migrate(session, known, signal)
    const catalog = await readCatalog(session, tables, signal)
    for (const [table, versions] of known) this.#plans.set(table, this.planFor(session, versions, catalog.get(table)))
    return changes
  }

  /** How rows of these versions of one table go into a table as it is. */
  planFor({ server }: Session, versions: readonly TableSchema[], found: MysqlCatalogTable | undefined): MysqlTable {
    const table = versions[0]?.table ?? ''
    if (found === undefined) throw new EdsError('schema', `table "${table}" is not there`, { table })
    const { keyCollation } = server
    return planMysqlTable(versions, found, { keyCollation, guard: this.#guard, nextId: () => ++this.#ids })
  }

  async #migrate(session: Session, schemas: ByTable, signal: AbortSignal): Promise<SchemaChange[]> {
    const first = await this.#plan(session, schemas, signal)
    if (first.statements.length === 0) return []
    const lock = `eds-migrate-${session.server.database}`.slice(0, 64)
    const [locked] = await session.query<{ held: number }>('SELECT GET_LOCK(?, ?) AS held', [lock, lockSeconds], signal)
    if (Number(locked?.held) !== 1) throw new EdsError('connection', 'MySQL: another process is making tables')
    try {
      return await apply(session, await this.#plan(session, schemas, signal), signal)
    } catch (error) {
      throw toMigrationError(error)
    } finally {
      if (session.usable) await session.query('SELECT RELEASE_LOCK(?)', [lock], signal)
    }
  }

  async #plan(session: Session, schemas: ByTable, signal: AbortSignal): Promise<Migration> {
    const dialect = new MysqlDialect(session.server.keyCollation)
    const catalog = await readCatalog(session, [...schemas.keys(), tombstoneTable], signal)
    const tombstones = catalog.get(tombstoneTable)
    const statements: string[] = []
    const changes: SchemaChange[] = []
    for (const [table, versions] of schemas) {
      // One at a time, because the server decides whether two names of tables are one.
      const found = catalog.get(table)
      const own = new Map(found === undefined ? [] : [[dialect.foldName(table), found]])
      if (tombstones !== undefined) own.set(tombstoneTable, tombstones)
      const migration = planMigration(versions, own, dialect, { guard: this.#guard })
      statements.push(...migration.statements)
      changes.push(...migration.changes)
    }
    return { statements: [...new Set(statements)], changes }
  }
}

type ByTable = ReadonlyMap<string, readonly TableSchema[]>

async function apply(
  session: Session,
  { statements, changes }: Migration,
  signal: AbortSignal,
): Promise<SchemaChange[]> {
  // Strict mode refuses tables of hundreds of columns whose rows might get too large; each row is checked when it comes. Those
  // without the right to change it live with that.
  await session.run('SET SESSION innodb_strict_mode = 0', signal).catch(ignoreRefusal)
  for (const statement of statements) await session.run(statement, signal)
  return [...changes]
}

function ignoreRefusal(error: unknown): void {
  if (!(error instanceof EdsError && error.code === 'authentication')) throw error
}

/** What the database says about these tables, by the name that was asked for. Ends the transaction in which it looks. */
export async function readCatalog(
  session: Session,
  tables: readonly string[],
  signal: AbortSignal,
): Promise<Map<string, MysqlCatalogTable>> {
  const { mariadb, foldsTableNames } = session.server
  const count = tables.length
  const columns = await session.query<ColumnRow>(columnsQuery(count), tables, signal)
  const indexes = await session.query<IndexRow>(uniqueIndexesQuery(count), tables, signal)
  const checks = mariadb ? await session.query<JsonCheckRow>(jsonChecksQuery(count), tables, signal) : []
  await session.commit(signal)
  const found = buildCatalog(columns, indexes, checks)
  const fold = (name: string) => (foldsTableNames ? name.toLowerCase() : name)
  const byName = new Map([...found].map(([name, table]) => [fold(name), table]))
  return new Map(
    tables.flatMap((name) => {
      const table = byName.get(fold(name))
      return table === undefined ? [] : [[name, table] as const]
    }),
  )
}
