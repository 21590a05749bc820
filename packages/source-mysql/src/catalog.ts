import { EdsError } from '@eds/core'
import { type CapturedTable, type Column, captureTable } from './column.js'
import type { Database } from './database.js'
import type { MysqlSettings } from './settings.js'

interface ColumnRow {
  readonly table: string
  readonly name: string
  readonly type: string
  readonly fullType: string
  readonly charset: string | null
  readonly nullable: string
}

interface KeyRow {
  readonly table: string
  readonly name: string
}

const columnsQuery = `
SELECT t.TABLE_NAME AS \`table\`, c.COLUMN_NAME AS name, LOWER(c.DATA_TYPE) AS type, c.COLUMN_TYPE AS fullType,
  c.CHARACTER_SET_NAME AS charset, c.IS_NULLABLE AS nullable
FROM information_schema.TABLES t
JOIN information_schema.COLUMNS c ON c.TABLE_SCHEMA = t.TABLE_SCHEMA AND c.TABLE_NAME = t.TABLE_NAME
WHERE t.TABLE_SCHEMA = ? AND t.TABLE_TYPE = 'BASE TABLE' ORDER BY t.TABLE_NAME, c.ORDINAL_POSITION`

const keysQuery = `
SELECT TABLE_NAME AS \`table\`, COLUMN_NAME AS name FROM information_schema.KEY_COLUMN_USAGE
WHERE TABLE_SCHEMA = ? AND CONSTRAINT_NAME = 'PRIMARY' ORDER BY TABLE_NAME, ORDINAL_POSITION`

/** MariaDB only: the columns that were declared JSON, as checks (https://mariadb.com/kb/en/json-data-type/). */
const jsonChecksQuery = `
SELECT TABLE_NAME AS \`table\`, CONSTRAINT_NAME AS name FROM information_schema.CHECK_CONSTRAINTS
WHERE CONSTRAINT_SCHEMA = ? AND LEVEL = 'Column' AND CHECK_CLAUSE LIKE 'json_valid(%'`

/** Tables by name, and those that cannot be captured, for they have no primary key. */
export interface Catalog {
  readonly tables: ReadonlyMap<string, CapturedTable>
  readonly keyless: readonly string[]
}

/** Reads the database's catalog: the tables that the settings ask for, as they are now. */
export async function readCatalog(database: Database, settings: MysqlSettings): Promise<Catalog> {
  const name = [settings.database]
  const columns = await database.query<ColumnRow>(columnsQuery, name)
  const keys = await database.query<KeyRow>(keysQuery, name)
  const checks = database.isMariadb ? await database.query<KeyRow>(jsonChecksQuery, name) : []
  return buildCatalog(columns, keys, checks, settings)
}

/** The rows of the three queries → tables. Pure. */
export function buildCatalog(
  columns: readonly ColumnRow[],
  keys: readonly KeyRow[],
  jsonChecks: readonly KeyRow[],
  settings: Pick<MysqlSettings, 'tables' | 'outboxTable'>,
): Catalog {
  const isJson = new Set(jsonChecks.map(({ table, name }) => `${table}\0${name}`))
  const keysOf = groupByTable(keys)
  const tables = new Map<string, CapturedTable>()
  const keyless: string[] = []
  for (const [table, rows] of groupByTable(columns)) {
    if (!isWanted(table, settings)) continue
    const primaryKeys = (keysOf.get(table) ?? []).map(({ name }) => name)
    if (primaryKeys.length === 0) keyless.push(table)
    else
      tables.set(
        table,
        captureTable(
          table,
          rows.map((row) => columnOf(row, isJson)),
          primaryKeys,
        ),
      )
  }
  return { tables, keyless }
}

/** What EDS itself keeps in the database. */
const ownPrefix = 'eds_'

/** Whether a table of this name is one that the settings ask for. */
export function isWanted(
  table: string,
  { tables, outboxTable }: Pick<MysqlSettings, 'tables' | 'outboxTable'>,
): boolean {
  if (table.startsWith(ownPrefix) || table === outboxTable) return false
  return tables === undefined || tables.includes(table)
}

function groupByTable<Row extends { readonly table: string }>(rows: readonly Row[]): Map<string, Row[]> {
  const groups = new Map<string, Row[]>()
  for (const row of rows) {
    const group = groups.get(row.table)
    if (group === undefined) groups.set(row.table, [row])
    else group.push(row)
  }
  return groups
}

function columnOf({ table, name, type, fullType, nullable, charset }: ColumnRow, isJson: ReadonlySet<string>): Column {
  return {
    name,
    type: isJson.has(`${table}\0${name}`) ? 'json' : type,
    fullType,
    nullable: nullable === 'YES',
    ...(charset === null ? {} : { charset }),
  }
}

/** @throws EdsError `configuration` when a table that was asked for by name cannot be captured. */
export function demandTables({ tables, keyless }: Catalog, { tables: wanted, where }: MysqlSettings): void {
  for (const name of wanted ?? []) {
    if (tables.has(name)) continue
    const why = keyless.includes(name) ? 'has no primary key' : 'does not exist, or we may not see it'
    throw new EdsError('configuration', `table "${name}" of ${where} ${why}`, {
      fix: keyless.includes(name)
        ? 'give it a primary key, or leave it out of `tables`'
        : 'create it, or GRANT SELECT on it',
    })
  }
}
