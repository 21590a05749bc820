import { EdsError, type SchemaChange, type SchemaSupport, type TableSchema } from '@eds/core'
import { byTable, KnownSchemas, planMigration, tombstoneTable } from '@eds/sql'
import { buildCatalog, type ColumnRow, columnsQuery, isTable, type SnowflakeCatalog } from './catalog.js'
import { SnowflakeDialect } from './dialect.js'
import { toMigrationError } from './errors.js'
import { qualify } from './identifier.js'
import { planSnowflakeTable, type SnowflakeTable } from './plan.js'
import type { Session } from './session.js'

/** The tables of the destination as this run knows them: the schemas that were prepared, and how to write by them. */
export class Tables implements SchemaSupport {
  readonly #session: () => Session
  readonly #guard: boolean
  readonly #schemas = new KnownSchemas()
  readonly #plans = new Map<string, SnowflakeTable>()
  #ids = 0

  /** `session`: the session to use; throws when there is none. */
  constructor(session: () => Session, guard: boolean) {
    this.#session = session
    this.#guard = guard
  }

  get plans(): ReadonlyMap<string, SnowflakeTable> {
    return this.#plans
  }

  async prepare(schemas: readonly TableSchema[], signal: AbortSignal): Promise<SchemaChange[]> {
    const session = this.#session()
    this.#schemas.remember(schemas)
    const tables = [...new Set(schemas.map(({ table }) => table))]
    const known = tables.flatMap((table) => this.#schemas.versionsOf(table))
    const wanted = this.#guard ? [...tables, tombstoneTable] : tables
    const before = await readCatalog(session, wanted, signal)
    const dialect = new SnowflakeDialect(session.server)
    const { statements, changes } = planMigration(known, before, dialect, { guard: this.#guard })
    for (const text of statements) await runMigration(session, text, signal)
    const catalog = statements.length === 0 ? before : await readCatalog(session, tables, signal)
    for (const [table, versions] of byTable(known))
      this.#plans.set(table, this.#plan(session, versions, catalog, table))
    return [...changes]
  }

  #plan(
    { server }: Session,
    versions: readonly TableSchema[],
    catalog: SnowflakeCatalog,
    table: string,
  ): SnowflakeTable {
    const found = catalog.get(table)
    if (found === undefined) throw new EdsError('schema', `table "${table}" is not there`, { table })
    return planSnowflakeTable(versions, found, { place: server, guard: this.#guard, nextId: () => ++this.#ids })
  }
}

/** Every statement of a migration commits by itself; each can be run again. @throws EdsError */
export async function runMigration(session: Session, text: string, signal: AbortSignal): Promise<void> {
  try {
    await session.run({ text }, signal)
  } catch (error) {
    throw toMigrationError(error)
  }
}

/** What the database says about these tables. */
export async function readCatalog(
  session: Session,
  tables: readonly string[],
  signal: AbortSignal,
): Promise<SnowflakeCatalog> {
  const { server } = session
  const binds = [server.schemaName, ...tables]
  // The query names the columns that ColumnRow has.
  const rows = (await session.run(
    { text: columnsQuery(server, tables.length), binds },
    signal,
  )) as unknown as ColumnRow[]
  const keys = new Map<string, string[]>()
  for (const { table, kind } of rows) {
    if (keys.has(table) || !isTable(kind)) continue
    const answers = await session.run({ text: `SHOW PRIMARY KEYS IN TABLE ${qualify(server, table)}` }, signal)
    const columns = answers.toSorted((left, right) => Number(left.key_sequence) - Number(right.key_sequence))
    keys.set(
      table,
      columns.map((row) => String(row.column_name)),
    )
  }
  return buildCatalog(rows, new Map([...keys].filter(([, columns]) => columns.length > 0)))
}
