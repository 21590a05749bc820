import { type ColumnSchema, columnOrder, EdsError, type TableSchema } from '@eds/core'
import type { CatalogColumn, CatalogTable } from './catalog.js'
import { type ColumnSet, ColumnSets, type NextId } from './column-set.js'
import { typeSupport } from './column-type.js'
import { quoteIdentifier, quoteLiteral } from './identifier.js'
import type { ToText } from './values.js'

/** The column in which `?guard=true` keeps the position of a row's last change. */
export const guardColumn = '_eds_mvcc'

/** One column that EDS writes. */
export interface ColumnPlan {
  readonly name: string
  readonly quoted: string
  /** `::bigint`, or nothing where the staged text is the value. */
  readonly cast: string
  readonly toText: ToText
  readonly maxLength: number
  /** What is stored in place of null where a column may not be null. */
  readonly nullText: string | undefined
  /** True when a null would be refused. */
  readonly refusesNull: boolean
  /** SQL for the value of a new row whose image lacks the column. */
  readonly fill: string | undefined
  /** True when a new row cannot do without the column. */
  readonly mandatory: boolean
}

/** How the images of one model version go into the table. */
export interface VersionPlan {
  readonly plan: TablePlan
  readonly modelVersion: string
  /** Index of the column → whether the version has it. */
  readonly includes: readonly boolean[]
  /** The columns of an image that carries all the version has. */
  readonly whole: ColumnSet
  /** All properties of an open schema, which must not be left out silently. */
  readonly knownProperties: ReadonlySet<string> | undefined
}

/** How events go into one table of the database. */
export interface TablePlan {
  readonly table: string
  /** Schema of the database, quoted. */
  readonly schema: string
  /** The table's name, quoted, with its schema. */
  readonly target: string
  readonly primaryKeys: readonly string[]
  /** Keys first; the order in which values are staged. */
  readonly columns: readonly ColumnPlan[]
  readonly versions: ReadonlyMap<string, VersionPlan>
  readonly sets: ColumnSets
  /** Marks the keys to delete among the staged rows, as {@link ColumnSet.id} marks others. */
  readonly deleteId: number
  /** True when a text may hold a backslash that the event did not. */
  readonly addsBackslashes: boolean
  readonly guard: boolean
  /** True when an INSERT has to say that it sets an identity column. */
  readonly overridesIdentity: boolean
}

export interface PlanOptions {
  /** Schema of the database. */
  readonly schemaName: string
  readonly guard: boolean
  readonly nextId: NextId
}

/**
 * Plans the writes to a table as it is. `schemas` are all versions known so far, the newest one last; every column that they name
 * must be there, or be generated.
 *
 * @throws EdsError `unsupported` when the table cannot take the rows.
 */
export function planTable(schemas: readonly TableSchema[], found: CatalogTable, options: PlanOptions): TablePlan {
  const { table, primaryKeys } = newestOf(schemas)
  const properties = propertiesOf(schemas)
  const names = columnOrder({ ...newestOf(schemas), properties }).filter((name) => isWritable(found, name, primaryKeys))
  const columns = names.map((name) => planColumn(found, name, properties, schemas))
  checkMandatory(found, new Set(names))
  const versions = new Map<string, VersionPlan>()
  const schema = quoteIdentifier(options.schemaName, 'schema name')
  const plan: TablePlan = {
    table,
    schema,
    target: `${schema}.${quoteIdentifier(table, 'table name')}`,
    primaryKeys,
    columns,
    versions,
    sets: new ColumnSets(columns, options.nextId),
    deleteId: options.nextId(),
    addsBackslashes: names.some((name) => found.columns.get(name)?.category === 'A'),
    guard: options.guard,
    overridesIdentity: primaryKeys.some((name) => found.columns.get(name)?.identityAlways),
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

function newestOf(schemas: readonly TableSchema[]): TableSchema {
  const newest = schemas.at(-1)
  if (newest === undefined) throw new TypeError('a table is planned from at least one schema')
  return newest
}

/** All columns of all versions; the newest version decides what they are. */
function propertiesOf(schemas: readonly TableSchema[]): Record<string, ColumnSchema> {
  return Object.fromEntries(schemas.flatMap(({ properties }) => Object.entries(properties)))
}

/** Generated columns are the database's own; an identity that is always generated can be set on INSERT only, so it must be a key. */
function isWritable({ columns }: CatalogTable, name: string, primaryKeys: readonly string[]): boolean {
  const column = columns.get(name)
  if (column === undefined || column.generated) return false
  return !column.identityAlways || primaryKeys.includes(name)
}

/** Staged text is assigned to these as it is, which also checks the length, where a cast would cut. */
const needsNoCast = new Set(['text', 'varchar', 'bpchar'])

function planColumn(
  found: CatalogTable,
  name: string,
  properties: Readonly<Record<string, ColumnSchema>>,
  schemas: readonly TableSchema[],
): ColumnPlan {
  const column = columnOf(found, name)
  const support = typeSupport(column)
  if (support === undefined) {
    throw new EdsError('unsupported', `${place(found, name)} is of type ${column.cast}, which EDS cannot write`, {
      table: found.table,
      fix: 'change the type of the column, for instance to text',
    })
  }
  const schema = Object.hasOwn(properties, name) ? properties[name] : undefined
  const required = schemas.some((version) => version.required.includes(name)) && schema?.nullable !== true
  const empty =
    schema?.type === 'array' ? support.emptyArray : schema?.type === 'object' ? support.emptyObject : undefined
  const nullText = required || column.notNull ? empty : undefined
  const cast = needsNoCast.has(column.type) ? '' : `::${column.cast}`
  return {
    name,
    quoted: quoteIdentifier(name, 'column name'),
    cast,
    toText: support.toText,
    maxLength: column.maxLength ?? Number.POSITIVE_INFINITY,
    nullText,
    refusesNull: column.notNull && nullText === undefined,
    fill: nullText === undefined ? undefined : `${quoteLiteral(nullText)}${cast}`,
    mandatory: column.notNull && !column.hasDefault && nullText === undefined,
  }
}

function columnOf(found: CatalogTable, name: string): CatalogColumn {
  const column = found.columns.get(name)
  if (column === undefined) throw new EdsError('schema', `${place(found, name)} is missing`, { table: found.table })
  return column
}

/** A column that no event fills and that nothing else fills would make every INSERT fail. */
function checkMandatory({ table, columns }: CatalogTable, written: ReadonlySet<string>): void {
  for (const { name, notNull, hasDefault, generated } of columns.values()) {
    if (!notNull || hasDefault || generated || written.has(name)) continue
    throw new EdsError(
      'unsupported',
      `table "${table}" has a column "${name}" that must not be null and that no event fills`,
      {
        table,
        fix: `ALTER TABLE ${quoteIdentifier(table)} ALTER COLUMN ${quoteIdentifier(name)} DROP NOT NULL, or give it a default`,
      },
    )
  }
}

/**
 * Checks that rows can be found again: a table with all key columns and a unique index on exactly these.
 *
 * @throws EdsError `unsupported` with the statement that helps.
 */
export function checkKeys(schemas: readonly TableSchema[], { kind, uniqueKeys }: CatalogTable): void {
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
  if (kind !== 'r' && kind !== 'p') {
    throw new EdsError('unsupported', `"${table}" is there, but it is a view or a foreign table`, {
      table,
      fix: 'rename it, or write to another schema with ?schema=<name>',
    })
  }
  const wanted = [...primaryKeys].sort().join('\u0000')
  if (uniqueKeys.some((columns) => [...columns].sort().join('\u0000') === wanted)) return
  const list = primaryKeys.map((name) => quoteIdentifier(name)).join(', ')
  throw new EdsError(
    'unsupported',
    `table "${table}" has no unique index on its primary key (${primaryKeys.join(', ')})`,
    {
      table,
      fix: `ALTER TABLE ${quoteIdentifier(table)} ADD PRIMARY KEY (${list})`,
    },
  )
}

function place({ table }: CatalogTable, column: string): string {
  return `column "${column}" of table "${table}"`
}
