import { EdsError, type TableSchema } from '@eds/core'
import { checkKeys, type PlanOptions, planTable, type TablePlan } from '@eds/sql'
import type { SqlServerCatalogTable } from './catalog.js'
import { isBinary } from './column-type.js'
import { type SqlServerColumn, SqlServerDialect } from './dialect.js'
import { quoteIdentifier } from './identifier.js'

/** How events go into one table of the database. */
export interface SqlServerTable extends TablePlan<SqlServerColumn> {
  /** Schema of the database, bracketed. */
  readonly schema: string
  /** The table's name, bracketed, with its schema. */
  readonly target: string
  /** Where each column's value stands in the stage, in the order of the columns: `c0`, `c1`, `f0`, … */
  readonly slots: readonly string[]
  /** True when a key column compares texts without regard to case, or otherwise not by code. */
  readonly looseKeys: boolean
  /** True when an INSERT has to say that it sets an identity column. */
  readonly setsIdentity: boolean
}

export interface SqlServerPlanOptions extends PlanOptions {
  /** Schema of the database. */
  readonly schemaName: string
}

/** A table has 1,024 columns at most, and the stage needs some of its own. */
const maxColumns = 1_000

/**
 * Plans the writes to a table as it is. `schemas` are all versions known so far, the newest one last.
 *
 * @throws EdsError `unsupported` when the table cannot take the rows.
 */
export function planSqlServerTable(
  schemas: readonly TableSchema[],
  found: SqlServerCatalogTable,
  options: SqlServerPlanOptions,
): SqlServerTable {
  const primaryKeys = schemas.at(-1)?.primaryKeys ?? []
  const dialect = new SqlServerDialect(options.schemaName, primaryKeys)
  checkKeys(schemas, found, dialect)
  const plan = planTable(schemas, found, dialect, options)
  const { table, columns } = plan
  if (columns.length > maxColumns) {
    throw new EdsError('unsupported', `table "${table}" has more than ${maxColumns} columns`, { table })
  }
  const keys = columns.slice(0, primaryKeys.length)
  return {
    ...plan,
    schema: quoteIdentifier(options.schemaName, 'schema name'),
    target: dialect.qualified(table),
    slots: slotsOf(columns),
    looseKeys: keys.some(({ collation }) => collation !== undefined && !isBinary(collation)),
    setsIdentity: keys.some(({ identity }) => identity),
  }
}

function slotsOf(columns: readonly SqlServerColumn[]): string[] {
  let texts = 0
  let floats = 0
  return columns.map(({ float }) => (float ? `f${floats++}` : `c${texts++}`))
}
