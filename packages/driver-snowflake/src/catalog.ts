import type { Catalog, CatalogColumn, CatalogTable } from '@eds/sql'
import { type Place, quoteIdentifier } from './identifier.js'

/** A column as Snowflake has it. */
export interface SnowflakeCatalogColumn extends CatalogColumn {
  /** As INFORMATION_SCHEMA says: `TEXT`, `NUMBER`, `TIMESTAMP_NTZ`, … */
  readonly type: string
  readonly precision: number | undefined
  /** Digits behind the point, or of a second. */
  readonly scale: number | undefined
}

/** Its only unique key is the primary key that was declared. Snowflake does not enforce it. */
export type SnowflakeCatalogTable = CatalogTable<SnowflakeCatalogColumn>

export type SnowflakeCatalog = Catalog<SnowflakeCatalogColumn>

/** Binds: the schema, then `tableCount` table names. One row per column; a table without columns gives one row with nulls. */
export function columnsQuery({ database }: Place, tableCount: number): string {
  const views = `${quoteIdentifier(database, 'database name')}.INFORMATION_SCHEMA`
  const names = Array.from({ length: tableCount }, () => '?').join(', ')
  return (
    'SELECT t.TABLE_NAME AS "table", t.TABLE_TYPE AS "kind", c.COLUMN_NAME AS "name", c.DATA_TYPE AS "type", ' +
    'c.CHARACTER_MAXIMUM_LENGTH AS "maxLength", c.NUMERIC_PRECISION AS "precision", c.NUMERIC_SCALE AS "scale", ' +
    'c.DATETIME_PRECISION AS "digits", c.IS_NULLABLE AS "nullable", c.COLUMN_DEFAULT AS "default", ' +
    `c.IS_IDENTITY AS "identity" FROM ${views}.TABLES AS t LEFT JOIN ${views}.COLUMNS AS c ` +
    'ON c.TABLE_SCHEMA = t.TABLE_SCHEMA AND c.TABLE_NAME = t.TABLE_NAME ' +
    `WHERE t.TABLE_SCHEMA = ? AND t.TABLE_NAME IN (${names}) ORDER BY c.ORDINAL_POSITION`
  )
}

/** What {@link columnsQuery} answers. */
export interface ColumnRow {
  readonly table: string
  readonly kind: string
  readonly name: string | null
  readonly type: string | null
  readonly maxLength: number | null
  readonly precision: number | null
  readonly scale: number | null
  readonly digits: number | null
  readonly nullable: string | null
  readonly default: string | null
  readonly identity: string | null
}

/** `BASE TABLE`, `TRANSIENT`, `HYBRID TABLE`, …; the others cannot be written to as tables. */
const noTables = new Set(['VIEW', 'MATERIALIZED VIEW', 'EXTERNAL TABLE', 'EVENT TABLE'])

export function buildCatalog(
  rows: readonly ColumnRow[],
  primaryKeys: ReadonlyMap<string, readonly string[]>,
): SnowflakeCatalog {
  const catalog = new Map<string, SnowflakeCatalogTable & { columns: Map<string, SnowflakeCatalogColumn> }>()
  for (const row of rows) {
    const { table, kind, name } = row
    const key = primaryKeys.get(table)
    const entry = catalog.get(table) ?? {
      table,
      isTable: isTable(kind),
      columns: new Map(),
      uniqueKeys: key === undefined ? [] : [key],
    }
    catalog.set(table, entry)
    if (name !== null) entry.columns.set(name, columnOf(row, name))
  }
  return catalog
}

export function isTable(kind: string): boolean {
  return !noTables.has(kind)
}

function columnOf(row: ColumnRow, name: string): SnowflakeCatalogColumn {
  return {
    name,
    type: row.type ?? '',
    maxLength: row.type === 'TEXT' ? (row.maxLength ?? undefined) : undefined,
    precision: row.precision ?? undefined,
    scale: row.scale ?? row.digits ?? undefined,
    notNull: row.nullable === 'NO',
    hasDefault: row.default !== null || row.identity === 'YES',
    generated: false,
  }
}
