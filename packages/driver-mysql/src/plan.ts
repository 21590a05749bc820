import type { TableSchema } from '@eds/core'
import { checkKeys, type PlanOptions, planTable, type TablePlan } from '@eds/sql'
import type { MysqlCatalogTable } from './catalog.js'
import { demandNotNullKey, type MysqlColumn, MysqlDialect } from './dialect.js'
import { quoteIdentifier } from './identifier.js'

/** How events go into one table of the database. */
export interface MysqlTable extends TablePlan<MysqlColumn> {
  /** The table's name, quoted. */
  readonly target: string
  /**
   * True when an upsert could meet another row than that of its key: by another unique index, or by a key that the column's
   * collation takes for the same.
   */
  readonly mayMeetOthers: boolean
  /** Quoted names of columns that EDS does not write and that any UPDATE would set to the current time. */
  readonly selfUpdating: readonly string[]
}

export interface MysqlPlanOptions extends PlanOptions {
  readonly keyCollation: string
}

/**
 * Plans the writes to a table as it is. `schemas` are all versions known so far, the newest one last.
 *
 * @throws EdsError `unsupported` when the table cannot take the rows.
 */
export function planMysqlTable(
  schemas: readonly TableSchema[],
  found: MysqlCatalogTable,
  options: MysqlPlanOptions,
): MysqlTable {
  const dialect = new MysqlDialect(options.keyCollation)
  checkKeys(schemas, found, dialect)
  const plan = planTable(schemas, found, dialect, options)
  const keys = plan.columns.slice(0, plan.primaryKeys.length)
  const mayMeetOthers = found.uniqueIndexes > 1 || keys.some(({ exact }) => !exact)
  const nullable = keys.some(({ name }) => found.columns.get(dialect.foldName(name))?.notNull === false)
  demandNotNullKey(plan.table, mayMeetOthers && nullable)
  const written = new Set(plan.columns.map(({ name }) => dialect.foldName(name)))
  const others = [...found.columns].filter(([name, { updatesItself }]) => updatesItself && !written.has(name))
  return {
    ...plan,
    target: quoteIdentifier(found.table, 'table name'),
    mayMeetOthers,
    selfUpdating: others.map(([, { name }]) => quoteIdentifier(name)),
  }
}
