import type { ColumnSchema } from '@eds/core'
import {
  type ColumnPlan,
  guardColumn,
  type NewColumn,
  type SqlDialect,
  type ToText,
  tombstoneTable,
  UnfitValue,
} from '@eds/sql'
import { foldName, type SqlServerColumnFacts } from './catalog.js'
import {
  binaryCollation,
  columnType,
  isFloat,
  isText,
  textKeyType,
  textKeyTypeAmong,
  typeName,
  typeSupport,
} from './column-type.js'
import { quoteIdentifier, quoteLiteral } from './identifier.js'
import { toAsciiText, toUtf8Text } from './values.js'

/** One column that EDS writes. */
export interface SqlServerColumn extends ColumnPlan {
  readonly quoted: string
  /** What the staged text is cast to; `undefined` where it is assigned as it is, which checks its length, where a cast would cut. */
  readonly cast: string | undefined
  /** Staged as a number, not as text. */
  readonly float: boolean
  /** Of text columns. */
  readonly collation: string | undefined
  readonly identity: boolean
  readonly hasDefault: boolean
  /** SQL for the value of a new row whose image lacks the column. */
  readonly fill: string | undefined
}

/** Positions: nanoseconds since 1970 and a logical part of ten digits. */
export const guardType = 'DECIMAL(38, 10)'

/** SQL Server, writing to one schema of the database. */
export class SqlServerDialect implements SqlDialect<SqlServerColumnFacts, SqlServerColumn> {
  readonly product = 'SQL Server'
  readonly guardType = guardType
  readonly #schemaName: string
  readonly #keys: ReadonlySet<string>

  /** `primaryKeys`: of the table whose columns are to be planned. */
  constructor(schemaName: string, primaryKeys: readonly string[] = []) {
    this.#schemaName = schemaName
    this.#keys = new Set(primaryKeys.map(foldName))
  }

  foldName(name: string): string {
    return foldName(name)
  }

  quoteIdentifier(name: string, what?: string): string {
    return quoteIdentifier(name, what)
  }

  columnType(schema: ColumnSchema | undefined, isKey: boolean): string {
    return columnType(schema, isKey)
  }

  typeSupport(column: SqlServerColumnFacts) {
    return typeSupport(column)
  }

  typeName(column: SqlServerColumnFacts): string {
    return typeName(column)
  }

  /** An identity can be set on INSERT only, so it must be a key. */
  isWritable({ identity }: SqlServerColumnFacts, isKey: boolean): boolean {
    return !identity || isKey
  }

  completeColumn(base: ColumnPlan, found: SqlServerColumnFacts): SqlServerColumn {
    const isKey = this.#keys.has(foldName(found.name))
    const cast = isText(found) && !isKey ? undefined : typeName(found)
    const { nullText } = base
    const literal = nullText === undefined ? undefined : quoteLiteral(nullText)
    return {
      ...base,
      toText: isKey && isText(found) ? keyText(base.toText) : base.toText,
      quoted: quoteIdentifier(base.name, 'column name'),
      cast,
      float: isFloat(found),
      collation: found.collation,
      identity: found.identity,
      hasDefault: found.hasDefault,
      fill: literal === undefined || cast === undefined ? literal : `CAST(${literal} AS ${cast})`,
    }
  }

  /** NVARCHAR keeps any sequence of UTF-16 units, a NUL and half a surrogate pair too. */
  textFault(): undefined {
    return undefined
  }

  dropNotNullStatement(table: string, column: string, found: SqlServerColumnFacts): string {
    const collate = found.collation === undefined ? '' : ` COLLATE ${found.collation}`
    return `ALTER TABLE ${this.qualified(table)} ALTER COLUMN ${quoteIdentifier(column)} ${typeName(found)}${collate} NULL`
  }

  addPrimaryKeyStatement(table: string, columns: readonly string[]): string {
    return `ALTER TABLE ${this.qualified(table)} ADD PRIMARY KEY (${quoted(columns).join(', ')})`
  }

  createTableStatement(table: string, columns: readonly NewColumn[], primaryKeys: readonly string[]): string {
    const textKeys = columns.filter(({ type }) => type === textKeyType).length
    const keyType = textKeyTypeAmong(Math.max(textKeys, 1), primaryKeys.length - textKeys)
    const definitions = columns.map((column) =>
      column.type === textKeyType ? definition({ ...column, type: keyType }) : definition(column),
    )
    const key = `PRIMARY KEY (${quoted(primaryKeys).join(', ')})`
    return `CREATE TABLE ${this.qualified(table)} (${[...definitions, key].join(', ')})`
  }

  addColumnsStatement(table: string, columns: readonly NewColumn[]): string {
    return `ALTER TABLE ${this.qualified(table)} ADD ${columns.map(definition).join(', ')}`
  }

  createTombstoneStatements(): string[] {
    const name = this.qualified(tombstoneTable)
    const text = (length: number) => `NVARCHAR(${length}) COLLATE ${binaryCollation} NOT NULL`
    return [
      `CREATE TABLE ${name} ([table_name] ${text(128)}, [key] ${text(300)}, [mvcc] ${guardType} NOT NULL, [deleted_at] DATETIME2(3) NOT NULL, PRIMARY KEY ([table_name], [key]))`,
    ]
  }

  /** The table's name with its schema, bracketed. */
  qualified(table: string): string {
    return `${quoteIdentifier(this.#schemaName, 'schema name')}.${quoteIdentifier(table, 'table name')}`
  }
}

/** The guard's column as it stands in statements. */
export const quotedGuardColumn = quoteIdentifier(guardColumn)

function definition({ name, type, isKey }: NewColumn): string {
  return `${quoteIdentifier(name, 'column name')} ${type} ${isKey ? 'NOT NULL' : 'NULL'}`
}

function quoted(names: readonly string[]): string[] {
  return names.map((name) => quoteIdentifier(name, 'column name'))
}

/** Comparisons of every collation ignore blanks at the end, so that two keys would be one row. */
function keyText(toText: ToText): ToText {
  const plain = toText === toUtf8Text ? toAsciiText : toText
  return (value, limits) => {
    const text = plain(value, limits)
    if (text.endsWith(' '))
      throw new UnfitValue('it is a key that ends in a blank, which SQL Server does not tell from none')
    return text
  }
}
