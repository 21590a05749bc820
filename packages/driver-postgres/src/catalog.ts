import type { Catalog, CatalogColumn, CatalogTable } from '@eds/sql'

/** A column as PostgreSQL has it. */
export interface PostgresCatalogColumn extends CatalogColumn {
  /** Name of the type (of the base type for a domain) in `pg_type`: `text`, `int8`, `_text`, `mood`. */
  readonly type: string
  /** `pg_type.typcategory`: `S` for texts, `A` for arrays, `E` for enumerations. */
  readonly category: string
  /** The type as it can be written in a cast, without length or precision, which a cast would enforce by cutting. */
  readonly cast: string
  /** `GENERATED ALWAYS AS IDENTITY`: an INSERT has to override it, an UPDATE may not touch it. */
  readonly identityAlways: boolean
}

/** Its unique keys are those that ON CONFLICT can use: whole, valid, not deferrable. */
export type PostgresCatalogTable = CatalogTable<PostgresCatalogColumn>

export type PostgresCatalog = Catalog<PostgresCatalogColumn>

/** `pg_class.relkind` of tables and partitioned tables. */
const tableKinds = new Set(['r', 'p'])

/** `$1` schema, `$2` array of table names. One row per column; a table without columns gives one row with nulls. */
export const columnsQuery = `
SELECT c.relname AS "table", c.relkind::text AS "kind", a.attname AS "name", b.typname AS "type",
  b.typcategory::text AS "category", format_type(b.oid, -1) AS "cast",
  CASE WHEN b.typname IN ('varchar', 'bpchar') AND m.typmod > 4 THEN m.typmod - 4 END AS "maxLength",
  a.attnotnull OR t.typnotnull AS "notNull", a.atthasdef OR a.attidentity <> '' AS "hasDefault",
  a.attgenerated <> '' AS "generated", a.attidentity = 'a' AS "identityAlways"
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_catalog.pg_type b ON b.oid = CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.oid END
CROSS JOIN LATERAL (SELECT CASE WHEN t.typtype = 'd' THEN t.typtypmod ELSE a.atttypmod END AS typmod) m
WHERE n.nspname = $1 AND c.relname = ANY($2) AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
ORDER BY c.relname, a.attnum`

/** `$1` schema, `$2` array of table names. One row per unique index that ON CONFLICT can infer. */
export const uniqueKeysQuery = `
SELECT c.relname AS "table", array_agg(a.attname::text) AS "columns"
FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_class c ON c.oid = i.indrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY((i.indkey::int2[])[0:i.indnkeyatts - 1])
WHERE n.nspname = $1 AND c.relname = ANY($2)
  AND i.indisunique AND i.indimmediate AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL
GROUP BY c.relname, i.indexrelid`

/** The same for CockroachDB, where every unique index is a constraint. */
export const uniqueConstraintsQuery = `
SELECT c.relname AS "table", array_agg(a.attname::text) AS "columns"
FROM pg_catalog.pg_constraint k
JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY(k.conkey)
WHERE n.nspname = $1 AND c.relname = ANY($2) AND k.contype IN ('p', 'u')
GROUP BY c.relname, k.oid`

/** What {@link columnsQuery} answers. */
export interface ColumnRow extends Omit<PostgresCatalogColumn, 'name' | 'maxLength'> {
  readonly table: string
  readonly kind: string
  readonly name: string | null
  readonly maxLength: number | null
}

/** What {@link uniqueKeysQuery} answers. */
export interface UniqueKeyRow {
  readonly table: string
  readonly columns: readonly string[]
}

export function buildCatalog(columnRows: readonly ColumnRow[], keyRows: readonly UniqueKeyRow[]): PostgresCatalog {
  const catalog = new Map<string, PostgresCatalogTable & { columns: Map<string, PostgresCatalogColumn> }>()
  for (const { table, kind, name, maxLength, ...column } of columnRows) {
    const uniqueKeys = keyRows.filter((row) => row.table === table).map((row) => row.columns)
    const entry = catalog.get(table) ?? { table, isTable: tableKinds.has(kind), columns: new Map(), uniqueKeys }
    catalog.set(table, entry)
    if (name !== null) entry.columns.set(name, { ...column, name, maxLength: maxLength ?? undefined })
  }
  return catalog
}
