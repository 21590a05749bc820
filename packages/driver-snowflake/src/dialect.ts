import type { ColumnSchema } from '@eds/core'
import {
  type ColumnPlan,
  guardColumn,
  type NewColumn,
  type SqlDialect,
  type TypeSupport,
  tombstoneTable,
} from '@eds/sql'
import type { SnowflakeCatalogColumn } from './catalog.js'
import { columnType, typeOf } from './column-type.js'
import { type Place, qualify, quoteIdentifier } from './identifier.js'

/** One column that EDS writes. */
export interface SnowflakeColumn extends ColumnPlan {
  readonly quoted: string
  /** SQL that turns a staged text into the column's value. */
  readonly cast: (text: string) => string
  /** SQL for the value of a new row whose image lacks the column. */
  readonly fill: string | undefined
  readonly notNull: boolean
  /** True when values stand in JSON files as they are, false when they are JSON strings. */
  readonly bare: boolean
}

/** Snowflake, writing to one schema of one database. */
export class SnowflakeDialect implements SqlDialect<SnowflakeCatalogColumn, SnowflakeColumn> {
  readonly product = 'Snowflake'
  readonly guardType = 'NUMBER(38,10)'
  readonly #place: Place

  constructor(place: Place) {
    this.#place = place
  }

  foldName(name: string): string {
    return name
  }

  quoteIdentifier(name: string, what?: string): string {
    return quoteIdentifier(name, what)
  }

  columnType(schema: ColumnSchema | undefined): string {
    return schema === undefined ? 'STRING' : columnType(schema)
  }

  typeSupport(column: SnowflakeCatalogColumn): TypeSupport | undefined {
    return typeOf(column)
  }

  typeName({ type }: SnowflakeCatalogColumn): string {
    return type
  }

  completeColumn(base: ColumnPlan, found: SnowflakeCatalogColumn): SnowflakeColumn {
    const type = typeOf(found)
    if (type === undefined) throw new TypeError(`column ${base.name} has no type that EDS writes`)
    // Where only the schema says that there are no nulls, arrays and objects are the ones that get a value for null.
    const filled = found.notNull || base.nullText === '[]' || base.nullText === '{}'
    const nullText = filled ? base.nullText : undefined
    return {
      ...base,
      nullText,
      quoted: quoteIdentifier(base.name, 'column name'),
      cast: type.cast,
      // One of the few constants of `TypeSupport.empty`.
      fill: nullText === undefined ? undefined : type.cast(`'${nullText}'`),
      notNull: found.notNull,
      bare: type.bare,
    }
  }

  textFault(text: string): string | undefined {
    return /\p{Surrogate}/u.test(text) ? 'Snowflake cannot store half a surrogate pair' : undefined
  }

  dropNotNullStatement(table: string, column: string): string {
    return `ALTER TABLE ${quoteIdentifier(table)} ALTER COLUMN ${quoteIdentifier(column)} DROP NOT NULL`
  }

  addPrimaryKeyStatement(table: string, columns: readonly string[]): string {
    return `ALTER TABLE ${quoteIdentifier(table)} ADD PRIMARY KEY (${quoted(columns).join(', ')})`
  }

  createTableStatement(table: string, columns: readonly NewColumn[], primaryKeys: readonly string[]): string {
    const key = `PRIMARY KEY (${quoted(primaryKeys).join(', ')})`
    // IF NOT EXISTS: another process may be at it, and there are no locks for this.
    return `CREATE TABLE IF NOT EXISTS ${this.qualified(table)} (${[...columns.map(definition), key].join(', ')})`
  }

  addColumnsStatement(table: string, columns: readonly NewColumn[]): string {
    const additions = columns.map((column) => `COLUMN IF NOT EXISTS ${definition(column)}`)
    return `ALTER TABLE ${this.qualified(table)} ADD ${additions.join(', ')}`
  }

  createTombstoneStatements(): string[] {
    return [
      `CREATE TABLE IF NOT EXISTS ${this.qualified(tombstoneTable)} ("table_name" STRING NOT NULL, "key" STRING NOT NULL, "mvcc" NUMBER(38,10) NOT NULL, "deleted_at" TIMESTAMP_NTZ(9) NOT NULL, PRIMARY KEY ("table_name", "key"))`,
    ]
  }

  /** The table's name with its database and schema, quoted. */
  qualified(table: string): string {
    return qualify(this.#place, table)
  }
}

/** The guard's column as it stands in statements. */
export const quotedGuardColumn = quoteIdentifier(guardColumn)

function definition({ name, type, isKey }: NewColumn): string {
  return `${quoteIdentifier(name, 'column name')} ${type}${isKey ? ' NOT NULL' : ''}`
}

function quoted(names: readonly string[]): string[] {
  return names.map((name) => quoteIdentifier(name, 'column name'))
}
