import type { TableSchema } from '@eds/core'
import {
  type ColumnSet,
  checkKeys,
  guardColumn,
  type NextId,
  planTable,
  type TablePlan,
  tombstoneTable,
} from '@eds/sql'
import type { SnowflakeCatalogTable } from './catalog.js'
import { type SnowflakeColumn, SnowflakeDialect } from './dialect.js'
import { type Place, quoteIdentifier } from './identifier.js'

/** How events go into one table of the database. */
export interface SnowflakeTable extends TablePlan<SnowflakeColumn> {
  /** The table's name, quoted, with its database and schema. */
  readonly target: string
  /** The same of the table of tombstones. */
  readonly tombstones: string
  /** Quoted names of columns that EDS does not write and that take nulls. */
  readonly otherColumns: readonly string[]
  /** Marks, among staged rows, those of a set that begin anew: their row was deleted just before. */
  renewalOf(set: ColumnSet): number
}

export interface SnowflakePlanOptions {
  readonly place: Place
  readonly guard: boolean
  readonly nextId: NextId
}

/**
 * Plans the writes to a table as it is. `schemas` are all versions known so far, the newest one last.
 *
 * @throws EdsError `unsupported` when the table cannot take the rows.
 */
export function planSnowflakeTable(
  schemas: readonly TableSchema[],
  found: SnowflakeCatalogTable,
  { place, guard, nextId }: SnowflakePlanOptions,
): SnowflakeTable {
  const dialect = new SnowflakeDialect(place)
  checkKeys(schemas, found, dialect)
  const plan = planTable(schemas, found, dialect, { guard, nextId })
  const written = new Set([...plan.columns.map(({ name }) => name), guardColumn])
  const others = [...found.columns.values()].filter(({ name, notNull }) => !notNull && !written.has(name))
  const renewals = new WeakMap<ColumnSet, number>()
  return {
    ...plan,
    target: dialect.qualified(plan.table),
    tombstones: dialect.qualified(tombstoneTable),
    otherColumns: others.map(({ name }) => quoteIdentifier(name)),
    renewalOf(set) {
      const id = renewals.get(set) ?? nextId()
      renewals.set(set, id)
      return id
    },
  }
}
