import type { ColumnSchema } from '@eds/core'
import type { CatalogColumn } from './catalog.js'
import type { ColumnPlan, TextFault, TypeSupport } from './column-plan.js'

/** A column of a table that is to be made or extended. */
export interface NewColumn {
  readonly name: string
  /** As the driver's {@link SqlDialect.columnType} says. */
  readonly type: string
  readonly isKey: boolean
}

/** What differs between databases when tables are planned and made. Pure. */
export interface SqlDialect<Found extends CatalogColumn, Column extends ColumnPlan> {
  /** The product, for messages: `PostgreSQL`. */
  readonly product: string
  /** Two names are the same to the database when they fold to the same text. */
  foldName(name: string): string
  /**
   * A name of any content as a quoted SQL identifier. `what`: `table name`, for messages.
   *
   * @throws EdsError `unsupported` for names that the database cannot hold as they are.
   */
  quoteIdentifier(name: string, what?: string): string
  /** The type of a column that EDS creates; without a schema for a key that no property describes. */
  columnType(schema: ColumnSchema | undefined, isKey: boolean): string
  /** How to write into a column of the database; `undefined` when EDS cannot. */
  typeSupport(column: Found): TypeSupport | undefined
  /** The type for messages: `timestamp with time zone`. */
  typeName(column: Found): string
  /** False for columns that EDS has to leave alone, besides generated ones. */
  isWritable?(column: Found, isKey: boolean): boolean
  /** Adds what the driver's statements need. */
  completeColumn(base: ColumnPlan, found: Found): Column
  readonly textFault: TextFault
  /** What the user runs so that a column takes nulls, and to add a primary key: whole statements, identifiers quoted. */
  dropNotNullStatement(table: string, column: string, found: Found): string
  addPrimaryKeyStatement(table: string, columns: readonly string[]): string
  /** `CREATE TABLE` with a primary key, and `ALTER TABLE` that adds columns taking nulls. */
  createTableStatement(table: string, columns: readonly NewColumn[], primaryKeys: readonly string[]): string
  addColumnsStatement(table: string, columns: readonly NewColumn[]): string
  /** Type of {@link guardColumn}, and the statements that make {@link tombstoneTable}. */
  readonly guardType: string
  createTombstoneStatements(): readonly string[]
}
