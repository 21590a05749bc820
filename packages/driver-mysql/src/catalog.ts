import type { CatalogColumn, CatalogTable } from '@eds/sql'

/** A column as MySQL has it. */
export interface MysqlCatalogColumn extends CatalogColumn {
  /** Lower case, without length: `varchar`; MariaDB's JSON, which is a text with a check, is `json`. */
  readonly type: string
  /** As in `SHOW CREATE TABLE`: `bigint(20) unsigned`, `enum('a','b')`. */
  readonly fullType: string
  readonly characterSet: string | undefined
  readonly collation: string | undefined
  /** DECIMAL: digits in all and behind the point; DATETIME, TIMESTAMP, TIME: `scale` digits of a second. */
  readonly precision: number
  readonly scale: number
  /** Set to the current time by any UPDATE that does not set it. */
  readonly updatesItself: boolean
}

export interface MysqlCatalogTable extends CatalogTable<MysqlCatalogColumn> {
  /** How many unique indexes there are, those included by which no row can be found. */
  readonly uniqueIndexes: number
}

/** One row per column of the tables given; a table without columns that we may see gives one row with nulls. */
export function columnsQuery(tableCount: number): string {
  return `
SELECT t.TABLE_NAME AS \`table\`, t.TABLE_TYPE AS kind, c.COLUMN_NAME AS name, LOWER(c.DATA_TYPE) AS type,
  c.COLUMN_TYPE AS fullType, c.CHARACTER_MAXIMUM_LENGTH AS maxLength, c.CHARACTER_SET_NAME AS characterSet,
  c.COLLATION_NAME AS collation, c.NUMERIC_PRECISION AS numericPrecision, c.NUMERIC_SCALE AS numericScale,
  c.DATETIME_PRECISION AS secondDigits, c.IS_NULLABLE AS nullable, c.COLUMN_DEFAULT AS defaultText, c.EXTRA AS extra
FROM information_schema.TABLES t
LEFT JOIN information_schema.COLUMNS c ON c.TABLE_SCHEMA = t.TABLE_SCHEMA AND c.TABLE_NAME = t.TABLE_NAME
WHERE t.TABLE_SCHEMA = DATABASE() AND t.TABLE_NAME IN (${placeholders(tableCount)})
ORDER BY t.TABLE_NAME, c.ORDINAL_POSITION`
}

/** One row per column of each unique index; no name where the index is on an expression. */
export function uniqueIndexesQuery(tableCount: number): string {
  return `
SELECT TABLE_NAME AS \`table\`, INDEX_NAME AS \`index\`, COLUMN_NAME AS name, SUB_PART AS prefix
FROM information_schema.STATISTICS
WHERE TABLE_SCHEMA = DATABASE() AND NON_UNIQUE = 0 AND TABLE_NAME IN (${placeholders(tableCount)})
ORDER BY TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX`
}

/** MariaDB only: the columns that were declared JSON, as checks (https://mariadb.com/kb/en/json-data-type/). */
export function jsonChecksQuery(tableCount: number): string {
  return `
SELECT TABLE_NAME AS \`table\`, CONSTRAINT_NAME AS name FROM information_schema.CHECK_CONSTRAINTS
WHERE CONSTRAINT_SCHEMA = DATABASE() AND LEVEL = 'Column' AND CHECK_CLAUSE LIKE 'json_valid(%'
  AND TABLE_NAME IN (${placeholders(tableCount)})`
}

function placeholders(count: number): string {
  return new Array(count).fill('?').join(', ')
}

/** What {@link columnsQuery} answers. */
export interface ColumnRow {
  readonly table: string
  readonly kind: string
  readonly name: string | null
  readonly type: string
  readonly fullType: string
  readonly maxLength: number | string | null
  readonly characterSet: string | null
  readonly collation: string | null
  readonly numericPrecision: number | string | null
  readonly numericScale: number | string | null
  readonly secondDigits: number | string | null
  readonly nullable: string
  readonly defaultText: string | null
  readonly extra: string
}

/** What {@link uniqueIndexesQuery} answers. */
export interface IndexRow {
  readonly table: string
  readonly index: string
  readonly name: string | null
  readonly prefix: number | string | null
}

/** What {@link jsonChecksQuery} answers. */
export interface JsonCheckRow {
  readonly table: string
  readonly name: string
}

/** Tables go by their names as the server tells them; columns by their names in lower case. */
export function buildCatalog(
  columns: readonly ColumnRow[],
  indexes: readonly IndexRow[],
  jsonChecks: readonly JsonCheckRow[],
): Map<string, MysqlCatalogTable> {
  const tables = new Map<string, MysqlCatalogTable & { columns: Map<string, MysqlCatalogColumn> }>()
  for (const row of columns) {
    const { table, kind, name } = row
    const own = indexes.filter((index) => index.table === table)
    const entry = tables.get(table) ?? { table, isTable: kind === 'BASE TABLE', columns: new Map(), ...uniqueOf(own) }
    tables.set(table, entry)
    if (name === null) continue
    const isJson = jsonChecks.some((check) => check.table === table && check.name === name)
    entry.columns.set(name.toLowerCase(), columnOf(row, name, isJson))
  }
  return tables
}

function uniqueOf(rows: readonly IndexRow[]): Pick<MysqlCatalogTable, 'uniqueKeys' | 'uniqueIndexes'> {
  const indexes = new Map<string, IndexRow[]>()
  for (const row of rows) indexes.set(row.index, [...(indexes.get(row.index) ?? []), row])
  const whole = [...indexes.values()].filter((parts) => parts.every(({ prefix, name }) => prefix === null && name))
  return { uniqueKeys: whole.map((parts) => parts.map(({ name }) => name ?? '')), uniqueIndexes: indexes.size }
}

function columnOf(row: ColumnRow, name: string, isJson: boolean): MysqlCatalogColumn {
  const { type, fullType, extra } = row
  const holdsCharacters = type === 'varchar' || type === 'char'
  return {
    name,
    type: isJson ? 'json' : type,
    fullType,
    maxLength: holdsCharacters ? Number(row.maxLength) : undefined,
    characterSet: row.characterSet ?? undefined,
    collation: row.collation ?? undefined,
    precision: Number(row.numericPrecision ?? 0),
    scale: Number(row.numericScale ?? row.secondDigits ?? 0),
    notNull: row.nullable === 'NO',
    hasDefault: row.defaultText !== null || /auto_increment|DEFAULT_GENERATED/i.test(extra),
    generated: /(?:VIRTUAL|STORED) GENERATED|PERSISTENT/i.test(extra),
    updatesItself: /on update/i.test(extra),
  }
}
