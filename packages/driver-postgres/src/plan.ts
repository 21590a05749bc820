import type { TableSchema } from '@eds/core'
import { checkKeys, type PlanOptions, planTable, type TablePlan } from '@eds/sql'
import type { PostgresCatalogTable } from './catalog.js'
import { type PostgresColumn, PostgresDialect } from './dialect.js'
import { quoteIdentifier } from './identifier.js'

/** How events go into one table of the database. */
export interface PostgresTable extends TablePlan<PostgresColumn> {
  /** Schema of the database, quoted. */
  readonly schema: string
  /** The table's name, quoted, with its schema. */
  readonly target: string
  /** True when a text may hold a backslash that the event did not. */
  readonly addsBackslashes: boolean
  /** True when an INSERT has to say that it sets an identity column. */
  readonly overridesIdentity: boolean
}

export interface PostgresPlanOptions extends PlanOptions {
  /** Schema of the database. */
  readonly schemaName: string
}

/**
 * Plans the writes to a table as it is. `schemas` are all versions known so far, the newest one last.
 *
 * @throws EdsError `unsupported` when the table cannot take the rows.
 */
export function planPostgresTable(
  schemas: readonly TableSchema[],
  found: PostgresCatalogTable,
  options: PostgresPlanOptions,
): PostgresTable {
  const dialect = new PostgresDialect(options.schemaName)
  checkKeys(schemas, found, dialect)
  const plan = planTable(schemas, found, dialect, options)
  return {
    ...plan,
    schema: quoteIdentifier(options.schemaName, 'schema name'),
    target: dialect.qualified(plan.table),
    addsBackslashes: plan.columns.some(({ name }) => found.columns.get(name)?.category === 'A'),
    overridesIdentity: plan.primaryKeys.some((name) => found.columns.get(name)?.identityAlways),
  }
}
