import { type ColumnSchema, EdsError } from '@eds/core'
import { type ColumnPlan, guardColumn, type NewColumn, type SqlDialect, tombstoneTable } from '@eds/sql'
import type { MysqlCatalogColumn } from './catalog.js'
import { columnType, comparedPlaceholder, typeSupport } from './column-type.js'
import { quoteIdentifier, quoteLiteral } from './identifier.js'

/** One column that EDS writes. */
export interface MysqlColumn extends ColumnPlan {
  readonly quoted: string
  /** What stands for a value in a list of values: `?`. */
  readonly placeholder: string
  /** The same where the value is compared with the column. */
  readonly compared: string
  /** False when the column takes some different texts for one: those that differ in case, or in blanks at the end. */
  readonly exact: boolean
  /** SQL for the value of a new row whose image lacks the column. */
  readonly fill: string | undefined
  /** SQL for a new row whose image lacks the column, where that is not NULL. */
  readonly whenAbsent: string | undefined
  readonly updatesItself: boolean
}

/** InnoDB's index entries take 3,072 bytes, and a character four. */
const maxKeyCharacters = 768
const maxKeyLength = 255
/** Marks texts of the key until it is known how many columns share the index. */
const keyText = 'KEYTEXT'

/** MySQL and MariaDB. */
export class MysqlDialect implements SqlDialect<MysqlCatalogColumn, MysqlColumn> {
  readonly product = 'MySQL'
  readonly guardType = 'DECIMAL(40,10)'
  readonly #keyCollation: string

  constructor(keyCollation: string) {
    this.#keyCollation = keyCollation
  }

  /** Names of columns; those of tables are found by who reads the catalog. */
  foldName(name: string): string {
    return name.toLowerCase()
  }

  quoteIdentifier(name: string, what?: string): string {
    return quoteIdentifier(name, what)
  }

  columnType(schema: ColumnSchema | undefined, isKey: boolean): string {
    const type = schema === undefined ? 'LONGTEXT' : columnType(schema)
    return isKey && ['LONGTEXT', 'JSON', 'VARCHAR(64)'].includes(type) ? keyText : type
  }

  typeSupport(column: MysqlCatalogColumn) {
    return typeSupport(column)
  }

  typeName({ fullType }: MysqlCatalogColumn): string {
    return fullType
  }

  completeColumn(base: ColumnPlan, found: MysqlCatalogColumn): MysqlColumn {
    const quoted = quoteIdentifier(base.name, 'column name')
    const fill = base.nullText === undefined ? undefined : quoteLiteral(base.nullText)
    return {
      ...base,
      quoted,
      placeholder: found.type === 'bit' ? 'CAST(? AS UNSIGNED)' : '?',
      compared: comparedPlaceholder(found),
      exact: found.collation === undefined || /_nopad_bin$|_0900_bin$/.test(found.collation),
      fill,
      whenAbsent: fill ?? (found.hasDefault ? `DEFAULT(${quoted})` : undefined),
      updatesItself: found.updatesItself,
    }
  }

  textFault(text: string): string | undefined {
    return /\p{Surrogate}/u.test(text) ? 'MySQL cannot store half a surrogate pair' : undefined
  }

  dropNotNullStatement(table: string, column: string, { fullType }: MysqlCatalogColumn): string {
    return `ALTER TABLE ${quoteIdentifier(table)} MODIFY ${quoteIdentifier(column)} ${fullType} NULL`
  }

  addPrimaryKeyStatement(table: string, columns: readonly string[]): string {
    return `ALTER TABLE ${quoteIdentifier(table)} ADD PRIMARY KEY (${quotedNames(columns).join(', ')})`
  }

  createTableStatement(table: string, columns: readonly NewColumn[], primaryKeys: readonly string[]): string {
    const keyLength = Math.min(maxKeyLength, Math.floor(maxKeyCharacters / primaryKeys.length))
    const definitions = columns.map((column) => this.#definition(column, keyLength))
    const key = `PRIMARY KEY (${quotedNames(primaryKeys).join(', ')})`
    return (
      `CREATE TABLE ${quoteIdentifier(table, 'table name')} (${[...definitions, key].join(', ')}) ` +
      'ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4'
    )
  }

  addColumnsStatement(table: string, columns: readonly NewColumn[]): string {
    const additions = columns.map((column) => `ADD COLUMN ${this.#definition(column, maxKeyLength)}`)
    return `ALTER TABLE ${quoteIdentifier(table, 'table name')} ${additions.join(', ')}`
  }

  createTombstoneStatements(): string[] {
    return [
      `CREATE TABLE ${quoteIdentifier(tombstoneTable)} (` +
        'table_name VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL, ' +
        'row_key CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL, ' +
        'mvcc DECIMAL(40,10) NOT NULL, deleted_at DATETIME(6) NOT NULL, ' +
        'PRIMARY KEY (table_name, row_key), KEY (deleted_at)) ENGINE=InnoDB',
    ]
  }

  #definition({ name, type, isKey }: NewColumn, keyLength: number): string {
    const quoted = quoteIdentifier(name, 'column name')
    if (type === keyText) {
      return `${quoted} VARCHAR(${keyLength}) CHARACTER SET utf8mb4 COLLATE ${this.#keyCollation} NOT NULL`
    }
    return `${quoted} ${type === 'VARCHAR(64)' ? 'VARCHAR(64) CHARACTER SET utf8mb4' : type}${isKey ? ' NOT NULL' : ''}`
  }
}

/** The guard's column as it stands in statements. */
export const quotedGuardColumn = quoteIdentifier(guardColumn)

function quotedNames(names: readonly string[]): string[] {
  return names.map((name) => quoteIdentifier(name, 'column name'))
}

/** A key that some texts share cannot be checked when it may be null. */
export function demandNotNullKey(table: string, nullable: boolean): void {
  if (!nullable) return
  throw new EdsError('unsupported', `the key of table "${table}" may be null`, {
    table,
    fix: 'make its columns NOT NULL',
  })
}
