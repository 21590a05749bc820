/** A column as the database has it. A driver adds what its types need. */
export interface CatalogColumn {
  readonly name: string
  /** Characters of a VARCHAR(n); `undefined` without a limit. */
  readonly maxLength: number | undefined
  readonly notNull: boolean
  /** True when an INSERT may leave the column out although it is NOT NULL: a default or an identity. */
  readonly hasDefault: boolean
  /** Computed by the database, so that nobody may write it. */
  readonly generated: boolean
}

/** A table as the database has it. */
export interface CatalogTable<Column extends CatalogColumn = CatalogColumn> {
  readonly table: string
  /** False for a view, a foreign table and the like. */
  readonly isTable: boolean
  /** By name as the database compares names: see {@link SqlDialect.foldName}. */
  readonly columns: ReadonlyMap<string, Column>
  /** Columns of each unique index by which rows can be found again. */
  readonly uniqueKeys: readonly (readonly string[])[]
}

/** By name as the database compares names. */
export type Catalog<Column extends CatalogColumn = CatalogColumn> = ReadonlyMap<string, CatalogTable<Column>>
