import type { Catalog, CatalogColumn, CatalogTable } from '@eds/sql'
import { quoteLiteral } from './identifier.js'

/** A column as SQL Server has it. */
export interface SqlServerColumnFacts extends CatalogColumn {
  /** Name of the base type in `sys.types`: `nvarchar`, `bigint`. */
  readonly type: string
  readonly precision: number
  readonly scale: number
  /** Of text columns. */
  readonly collation: string | undefined
  /** Numbered by the server: an INSERT has to ask for leave, an UPDATE may not touch it. */
  readonly identity: boolean
}

export type SqlServerCatalogTable = CatalogTable<SqlServerColumnFacts>
export type SqlServerCatalog = Catalog<SqlServerColumnFacts>

/** Usual collations compare names without case. Where one does not, names that differ only in case are refused. */
export function foldName(name: string): string {
  return name.toLowerCase()
}

/** One row per column of these tables, views included; a table without columns does not exist. */
export function columnsQuery(schemaName: string, tables: readonly string[]): string {
  return `SELECT o.[name] AS [table], o.[type] AS [kind], c.[name] AS [name], y.[name] AS [type], c.[max_length] AS [maxBytes], c.[precision] AS [precision], c.[scale] AS [scale], c.[is_nullable] AS [nullable], c.[collation_name] AS [collation], c.[is_identity] AS [identity], c.[is_computed] AS [computed], c.[default_object_id] AS [defaultId]
FROM sys.objects AS o
INNER JOIN sys.schemas AS h ON h.[schema_id] = o.[schema_id]
INNER JOIN sys.columns AS c ON c.[object_id] = o.[object_id]
INNER JOIN sys.types AS y ON y.[user_type_id] = c.[system_type_id]
WHERE h.[name] = ${quoteLiteral(schemaName)} AND o.[type] IN ('U', 'V') AND o.[name] IN (${tables.map(quoteLiteral).join(', ')})
ORDER BY o.[name], c.[column_id]`
}

/** One row per column of each primary key and unique constraint: unlike a bare unique index, these are never filtered. */
export function uniqueKeysQuery(schemaName: string, tables: readonly string[]): string {
  return `SELECT k.TABLE_NAME AS [table], k.CONSTRAINT_NAME AS [constraint], u.COLUMN_NAME AS [column]
FROM INFORMATION_SCHEMA.TABLE_CONSTRAINTS AS k
INNER JOIN INFORMATION_SCHEMA.KEY_COLUMN_USAGE AS u ON u.CONSTRAINT_NAME = k.CONSTRAINT_NAME AND u.TABLE_SCHEMA = k.TABLE_SCHEMA AND u.TABLE_NAME = k.TABLE_NAME
WHERE k.TABLE_SCHEMA = ${quoteLiteral(schemaName)} AND k.CONSTRAINT_TYPE IN ('PRIMARY KEY', 'UNIQUE') AND k.TABLE_NAME IN (${tables.map(quoteLiteral).join(', ')})
ORDER BY k.TABLE_NAME, k.CONSTRAINT_NAME, u.ORDINAL_POSITION`
}

/** What {@link columnsQuery} answers. */
export interface ColumnRow {
  readonly table: string
  readonly kind: string
  readonly name: string
  readonly type: string
  /** -1 for `MAX`. */
  readonly maxBytes: number
  readonly precision: number
  readonly scale: number
  readonly nullable: boolean
  readonly collation: string | null
  readonly identity: boolean
  readonly computed: boolean
  readonly defaultId: number
}

/** What {@link uniqueKeysQuery} answers. */
export interface UniqueKeyRow {
  readonly table: string
  readonly constraint: string
  readonly column: string
}

/** Of these the length counts UTF-16 units, two bytes each. */
const unicodeTypes = new Set(['nvarchar', 'nchar'])
const sizedTypes = new Set([...unicodeTypes, 'varchar', 'char'])

export function buildCatalog(columnRows: readonly ColumnRow[], keyRows: readonly UniqueKeyRow[]): SqlServerCatalog {
  const catalog = new Map<string, SqlServerCatalogTable & { columns: Map<string, SqlServerColumnFacts> }>()
  for (const row of columnRows) {
    const { table } = row
    const folded = foldName(table)
    const uniqueKeys = uniqueKeysOf(keyRows.filter((key) => key.table === table))
    const entry = catalog.get(folded) ?? { table, isTable: row.kind.trim() === 'U', columns: new Map(), uniqueKeys }
    catalog.set(folded, entry)
    entry.columns.set(foldName(row.name), toColumn(row))
  }
  return catalog
}

function toColumn({ name, type, maxBytes, precision, scale, ...row }: ColumnRow): SqlServerColumnFacts {
  const maxLength = sizedTypes.has(type) && maxBytes > 0 ? maxBytes / (unicodeTypes.has(type) ? 2 : 1) : undefined
  return {
    name,
    type,
    precision,
    scale,
    maxLength,
    notNull: !row.nullable,
    hasDefault: row.defaultId !== 0 || row.identity,
    // A row version is counted up by the server.
    generated: row.computed || type === 'timestamp',
    collation: row.collation ?? undefined,
    identity: row.identity,
  }
}

function uniqueKeysOf(rows: readonly UniqueKeyRow[]): string[][] {
  const keys = new Map<string, string[]>()
  for (const { constraint, column } of rows) keys.set(constraint, [...(keys.get(constraint) ?? []), column])
  return [...keys.values()]
}
