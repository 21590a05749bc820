import { columnOrder, EdsError, type SchemaChange, type TableSchema } from '@eds/core'
import type { Catalog, CatalogColumn, CatalogTable } from './catalog.js'
import { type ColumnPlan, guardColumn, tombstoneTable } from './column-plan.js'
import type { NewColumn, SqlDialect } from './dialect.js'
import { checkKeys, newestOf, propertiesOf } from './plan-table.js'

/** What has to be done so that rows of some schemas fit. */
export interface Migration {
  /** In this order, in one transaction where the database has such a thing. */
  readonly statements: readonly string[]
  readonly changes: readonly SchemaChange[]
}

/**
 * Compares the tables that are there with what the schemas need. Only ever adds.
 *
 * @throws EdsError `unsupported` when a table that is there cannot take the rows, or one cannot be made.
 */
export function planMigration<Found extends CatalogColumn, Column extends ColumnPlan>(
  schemas: readonly TableSchema[],
  catalog: Catalog<Found>,
  dialect: SqlDialect<Found, Column>,
  { guard }: { readonly guard: boolean },
): Migration {
  const statements: string[] = []
  const changes: SchemaChange[] = []
  for (const [table, versions] of byTable(schemas)) {
    const found = catalog.get(dialect.foldName(table))
    const wanted = newColumns(versions, dialect, guard)
    // Before anything is changed: a table that cannot take the rows stays as it is.
    if (found !== undefined) checkKeys(versions, found, dialect)
    const columns = found === undefined ? wanted : missingColumns(found, wanted, dialect)
    if (columns.length === 0) continue
    statements.push(
      found === undefined ? createTable(versions, columns, dialect) : dialect.addColumnsStatement(table, columns),
    )
    const shown = columns.map(({ name }) => name).filter((name) => name !== guardColumn)
    changes.push({ table, change: found === undefined ? 'table created' : 'columns added', columns: shown })
  }
  if (guard && !catalog.has(dialect.foldName(tombstoneTable))) statements.push(...dialect.createTombstoneStatements())
  return { statements, changes }
}

/** Versions of each table, in the order given. */
export function byTable(schemas: readonly TableSchema[]): Map<string, TableSchema[]> {
  const tables = new Map<string, TableSchema[]>()
  for (const schema of schemas) tables.set(schema.table, [...(tables.get(schema.table) ?? []), schema])
  return tables
}

/** The statement that makes the table for these versions of it, the newest one last, with the columns of all. */
export function createTableStatement<Found extends CatalogColumn, Column extends ColumnPlan>(
  versions: readonly TableSchema[],
  dialect: SqlDialect<Found, Column>,
  { guard }: { readonly guard: boolean },
): string {
  return createTable(versions, newColumns(versions, dialect, guard), dialect)
}

function createTable<Found extends CatalogColumn, Column extends ColumnPlan>(
  versions: readonly TableSchema[],
  columns: readonly NewColumn[],
  dialect: SqlDialect<Found, Column>,
): string {
  const { table, primaryKeys } = newestOf(versions)
  if (primaryKeys.length === 0) throw new EdsError('unsupported', `table "${table}" has no primary key`, { table })
  return dialect.createTableStatement(table, columns, primaryKeys)
}

/** In the order in which a new table has them. */
function newColumns<Found extends CatalogColumn, Column extends ColumnPlan>(
  versions: readonly TableSchema[],
  dialect: SqlDialect<Found, Column>,
  guard: boolean,
): NewColumn[] {
  const newest = newestOf(versions)
  const properties = propertiesOf(versions)
  const names = columnOrder({ ...newest, properties })
  checkNames(newest.table, names, dialect, guard)
  const columns = names.map((name) => {
    const isKey = newest.primaryKeys.includes(name)
    const schema = Object.hasOwn(properties, name) ? properties[name] : undefined
    return { name, type: dialect.columnType(schema, isKey), isKey }
  })
  return guard ? [...columns, { name: guardColumn, type: dialect.guardType, isKey: false }] : columns
}

function checkNames<Found extends CatalogColumn, Column extends ColumnPlan>(
  table: string,
  names: readonly string[],
  dialect: SqlDialect<Found, Column>,
  guard: boolean,
): void {
  const seen = new Map<string, string>()
  for (const name of names) {
    const folded = dialect.foldName(name)
    const other = seen.get(folded)
    if (other !== undefined) {
      throw new EdsError(
        'unsupported',
        `table "${table}" has columns "${other}" and "${name}", which are one name to ${dialect.product}`,
        { table, fix: 'rename one of them with a stage in front of this sink' },
      )
    }
    seen.set(folded, name)
  }
  if (!guard || !seen.has(dialect.foldName(guardColumn))) return
  throw new EdsError('unsupported', `table "${table}" has a column ${guardColumn} of its own`, {
    table,
    fix: 'leave ?guard=true out for this destination',
  })
}

function missingColumns<Found extends CatalogColumn, Column extends ColumnPlan>(
  { columns }: CatalogTable<Found>,
  wanted: readonly NewColumn[],
  dialect: SqlDialect<Found, Column>,
): readonly NewColumn[] {
  return wanted.filter(({ name }) => !columns.has(dialect.foldName(name)))
}
