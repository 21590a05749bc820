import { type ColumnSchema, columnOrder, EdsError, type TableSchema } from '@eds/core'
import type { CatalogColumn, CatalogTable } from './catalog.js'
import type { ColumnPlan, TablePlan, VersionPlan } from './column-plan.js'
import { ColumnSets, type NextId } from './column-set.js'
import type { SqlDialect } from './dialect.js'

export interface PlanOptions {
  readonly guard: boolean
  readonly nextId: NextId
}

/**
 * Plans the writes to a table as it is. `schemas` are all versions known so far, the newest one last; every column that they name
 * must be there, or be generated.
 *
 * @throws EdsError `unsupported` when the table cannot take the rows, `schema` when a column is missing.
 */
export function planTable<Found extends CatalogColumn, Column extends ColumnPlan>(
  schemas: readonly TableSchema[],
  found: CatalogTable<Found>,
  dialect: SqlDialect<Found, Column>,
  { guard, nextId }: PlanOptions,
): TablePlan<Column> {
  const newest = newestOf(schemas)
  const properties = propertiesOf(schemas)
  const names = columnOrder({ ...newest, properties }).filter((name) => isWritable(found, name, newest, dialect))
  const planner = new ColumnPlanner(schemas, found, properties, dialect)
  const columns = names.map((name) => planner.plan(name))
  checkMandatory(found, names, dialect)
  const versions = new Map<string, VersionPlan>()
  const plan: TablePlan<Column> = {
    table: newest.table,
    primaryKeys: newest.primaryKeys,
    columns,
    versions,
    sets: new ColumnSets(columns, nextId),
    deleteId: nextId(),
    guard,
    textFault: dialect.textFault,
  }
  for (const version of schemas) versions.set(version.modelVersion, planVersion(plan, version))
  return plan
}

function planVersion(plan: TablePlan, { modelVersion, properties, open, primaryKeys }: TableSchema): VersionPlan {
  const includes = plan.columns.map(({ name }) => Object.hasOwn(properties, name) || primaryKeys.includes(name))
  const whole = plan.sets.of(includes)
  plan.sets.keep(whole)
  const knownProperties = open ? new Set([...primaryKeys, ...Object.keys(properties)]) : undefined
  return { plan, modelVersion, includes, whole, knownProperties }
}

export function newestOf(schemas: readonly TableSchema[]): TableSchema {
  const newest = schemas.at(-1)
  if (newest === undefined) throw new TypeError('a table is planned from at least one schema')
  return newest
}

/** All columns of all versions; the newest version decides what they are. */
export function propertiesOf(schemas: readonly TableSchema[]): Record<string, ColumnSchema> {
  return Object.fromEntries(schemas.flatMap(({ properties }) => Object.entries(properties)))
}

function isWritable<Found extends CatalogColumn, Column extends ColumnPlan>(
  { columns }: CatalogTable<Found>,
  name: string,
  { primaryKeys }: TableSchema,
  dialect: SqlDialect<Found, Column>,
): boolean {
  const column = columns.get(dialect.foldName(name))
  // A column that is not there is reported by its planning.
  if (column === undefined) return true
  return !column.generated && (dialect.isWritable?.(column, primaryKeys.includes(name)) ?? true)
}

class ColumnPlanner<Found extends CatalogColumn, Column extends ColumnPlan> {
  readonly #schemas: readonly TableSchema[]
  readonly #found: CatalogTable<Found>
  readonly #properties: Readonly<Record<string, ColumnSchema>>
  readonly #dialect: SqlDialect<Found, Column>

  constructor(
    schemas: readonly TableSchema[],
    found: CatalogTable<Found>,
    properties: Readonly<Record<string, ColumnSchema>>,
    dialect: SqlDialect<Found, Column>,
  ) {
    this.#schemas = schemas
    this.#found = found
    this.#properties = properties
    this.#dialect = dialect
  }

  plan(name: string): Column {
    const { table } = this.#found
    const column = this.#found.columns.get(this.#dialect.foldName(name))
    if (column === undefined) throw new EdsError('schema', `${this.#place(name)} is missing`, { table })
    const support = this.#dialect.typeSupport(column)
    if (support === undefined) {
      const type = this.#dialect.typeName(column)
      throw new EdsError('unsupported', `${this.#place(name)} is of type ${type}, which EDS cannot write`, {
        table,
        fix: 'change the type of the column, for instance to text',
      })
    }
    const schema = Object.hasOwn(this.#properties, name) ? this.#properties[name] : undefined
    const empty = schema === undefined ? undefined : support.empty?.[schema.type]
    const nullText = this.#isRequired(name, schema) || column.notNull ? empty : undefined
    const base: ColumnPlan = {
      name,
      toText: support.toText,
      maxLength: column.maxLength ?? Number.POSITIVE_INFINITY,
      nullText,
      refusesNull: column.notNull && nullText === undefined,
      mandatory: column.notNull && !column.hasDefault && nullText === undefined,
    }
    return this.#dialect.completeColumn(base, column)
  }

  #isRequired(name: string, schema: ColumnSchema | undefined): boolean {
    return schema?.nullable !== true && this.#schemas.some((version) => version.required.includes(name))
  }

  #place(column: string): string {
    return `column "${column}" of table "${this.#found.table}"`
  }
}

/** A column that no event fills and that nothing else fills would make every INSERT fail. */
function checkMandatory<Found extends CatalogColumn, Column extends ColumnPlan>(
  { table, columns }: CatalogTable<Found>,
  names: readonly string[],
  dialect: SqlDialect<Found, Column>,
): void {
  const written = new Set(names.map((name) => dialect.foldName(name)))
  for (const [folded, column] of columns) {
    if (!column.notNull || column.hasDefault || column.generated || written.has(folded)) continue
    throw new EdsError(
      'unsupported',
      `table "${table}" has a column "${column.name}" that must not be null and that no event fills`,
      { table, fix: `${dialect.dropNotNullStatement(table, column.name, column)}, or give it a default` },
    )
  }
}

/**
 * Checks that rows can be found again: a table with all key columns and a unique index on exactly these.
 *
 * @throws EdsError `unsupported` with the statement that helps.
 */
export function checkKeys<Found extends CatalogColumn, Column extends ColumnPlan>(
  schemas: readonly TableSchema[],
  { isTable, uniqueKeys }: CatalogTable<Found>,
  dialect: SqlDialect<Found, Column>,
): void {
  const { table, primaryKeys } = newestOf(schemas)
  if (primaryKeys.length === 0) throw new EdsError('unsupported', `table "${table}" has no primary key`, { table })
  const other = schemas.find((schema) => schema.primaryKeys.join('\u0000') !== primaryKeys.join('\u0000'))
  if (other !== undefined) {
    const [before, now] = [other.primaryKeys.join(', '), primaryKeys.join(', ')]
    throw new EdsError('unsupported', `the primary key of "${table}" changed from (${before}) to (${now})`, {
      table,
      fix: 'import the table again, then start anew',
    })
  }
  if (!isTable) {
    throw new EdsError('unsupported', `"${table}" is there, but it is a view or a foreign table`, {
      table,
      fix: 'rename it, or write to another schema or database',
    })
  }
  const sorted = (names: readonly string[]) =>
    names
      .map((name) => dialect.foldName(name))
      .sort()
      .join('\u0000')
  if (uniqueKeys.some((columns) => sorted(columns) === sorted(primaryKeys))) return
  throw new EdsError(
    'unsupported',
    `table "${table}" has no unique index on its primary key (${primaryKeys.join(', ')})`,
    { table, fix: dialect.addPrimaryKeyStatement(table, primaryKeys) },
  )
}
