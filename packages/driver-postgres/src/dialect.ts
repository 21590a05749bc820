import type { ColumnSchema } from '@eds/core'
import { type ColumnPlan, guardColumn, type NewColumn, type SqlDialect, tombstoneTable } from '@eds/sql'
import type { PostgresCatalogColumn } from './catalog.js'
import { columnType, typeSupport } from './column-type.js'
import { quoteIdentifier, quoteLiteral } from './identifier.js'

/** One column that EDS writes. */
export interface PostgresColumn extends ColumnPlan {
  readonly quoted: string
  /** `::bigint`, or nothing where the staged text is the value. */
  readonly cast: string
  /** SQL for the value of a new row whose image lacks the column. */
  readonly fill: string | undefined
}

/** Staged text is assigned to these as it is, which also checks the length, where a cast would cut. */
const needsNoCast = new Set(['text', 'varchar', 'bpchar'])

const unstorable = /\0|\p{Surrogate}/u

/** PostgreSQL, writing to one schema of the database. */
export class PostgresDialect implements SqlDialect<PostgresCatalogColumn, PostgresColumn> {
  readonly product = 'PostgreSQL'
  readonly guardType = 'NUMERIC'
  readonly #schemaName: string

  constructor(schemaName: string) {
    this.#schemaName = schemaName
  }

  foldName(name: string): string {
    return name
  }

  quoteIdentifier(name: string, what?: string): string {
    return quoteIdentifier(name, what)
  }

  columnType(schema: ColumnSchema | undefined): string {
    return schema === undefined ? 'TEXT' : columnType(schema)
  }

  typeSupport(column: PostgresCatalogColumn) {
    return typeSupport(column)
  }

  typeName({ cast }: PostgresCatalogColumn): string {
    return cast
  }

  /** An identity that is always generated can be set on INSERT only, so it must be a key. */
  isWritable({ identityAlways }: PostgresCatalogColumn, isKey: boolean): boolean {
    return !identityAlways || isKey
  }

  completeColumn(base: ColumnPlan, found: PostgresCatalogColumn): PostgresColumn {
    const cast = needsNoCast.has(found.type) ? '' : `::${found.cast}`
    return {
      ...base,
      quoted: quoteIdentifier(base.name, 'column name'),
      cast,
      fill: base.nullText === undefined ? undefined : `${quoteLiteral(base.nullText)}${cast}`,
    }
  }

  textFault(text: string): string | undefined {
    if (!unstorable.test(text)) return undefined
    return `PostgreSQL cannot store ${text.includes('\0') ? 'a NUL (\\u0000)' : 'half a surrogate pair'}`
  }

  dropNotNullStatement(table: string, column: string): string {
    return `ALTER TABLE ${quoteIdentifier(table)} ALTER COLUMN ${quoteIdentifier(column)} DROP NOT NULL`
  }

  addPrimaryKeyStatement(table: string, columns: readonly string[]): string {
    return `ALTER TABLE ${quoteIdentifier(table)} ADD PRIMARY KEY (${quoted(columns).join(', ')})`
  }

  createTableStatement(table: string, columns: readonly NewColumn[], primaryKeys: readonly string[]): string {
    const key = `PRIMARY KEY (${quoted(primaryKeys).join(', ')})`
    return `CREATE TABLE ${this.qualified(table)} (${[...columns.map(definition), key].join(', ')})`
  }

  addColumnsStatement(table: string, columns: readonly NewColumn[]): string {
    const additions = columns.map((column) => `ADD COLUMN IF NOT EXISTS ${definition(column)}`)
    return `ALTER TABLE ${this.qualified(table)} ${additions.join(', ')}`
  }

  createTombstoneStatements(): string[] {
    const name = this.qualified(tombstoneTable)
    return [
      `CREATE TABLE ${name} (table_name TEXT, key TEXT, mvcc NUMERIC NOT NULL, deleted_at TIMESTAMPTZ NOT NULL, PRIMARY KEY (table_name, key))`,
      `CREATE INDEX ON ${name} (deleted_at)`,
    ]
  }

  /** The table's name with its schema, quoted. */
  qualified(table: string): string {
    return `${quoteIdentifier(this.#schemaName, 'schema name')}.${quoteIdentifier(table, 'table name')}`
  }
}

/** The guard's column as it stands in statements. */
export const quotedGuardColumn = quoteIdentifier(guardColumn)

function definition({ name, type }: NewColumn): string {
  return `${quoteIdentifier(name, 'column name')} ${type}`
}

function quoted(names: readonly string[]): string[] {
  return names.map((name) => quoteIdentifier(name, 'column name'))
}
