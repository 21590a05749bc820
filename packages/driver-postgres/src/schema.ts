import { columnOrder, EdsError, type SchemaChange, type TableSchema } from '@eds/core'
import type { Catalog, CatalogTable } from './catalog.js'
import { columnType } from './column-type.js'
import { quoteIdentifier } from './identifier.js'
import { checkKeys, guardColumn } from './plan.js'
import { tombstoneTable } from './statements.js'

export interface MigrationOptions {
  readonly schemaName: string
  readonly guard: boolean
}

/** What has to be done so that rows of some schemas fit. */
export interface Migration {
  /** In this order, in one transaction. */
  readonly statements: readonly string[]
  readonly changes: readonly SchemaChange[]
}

/**
 * Compares the tables that are there with what the schemas need. Only ever adds.
 *
 * @throws EdsError `unsupported` when a table that is there cannot take the rows, or one cannot be made.
 */
export function planMigration(schemas: readonly TableSchema[], catalog: Catalog, options: MigrationOptions): Migration {
  const statements: string[] = []
  const changes: SchemaChange[] = []
  for (const [table, versions] of byTable(schemas)) {
    const wanted = wantedColumns(versions, options)
    const found = catalog.get(table)
    // Before anything is changed: a table that cannot take the rows stays as it is.
    if (found !== undefined) checkKeys(versions, found)
    const columns = found === undefined ? [...wanted.keys()] : missingColumns(found, wanted)
    if (columns.length === 0) continue
    statements.push(
      found === undefined
        ? createTable(versions, wanted, options)
        : addColumns(
            table,
            columns.map((name) => `${quoteIdentifier(name, 'column name')} ${wanted.get(name)}`),
            options,
          ),
    )
    const shown = columns.filter((name) => name !== guardColumn)
    changes.push({ table, change: found === undefined ? 'table created' : 'columns added', columns: shown })
  }
  if (options.guard && !catalog.has(tombstoneTable)) statements.push(...createTombstones(options))
  return { statements, changes }
}

/** Versions of each table, in the order given. */
export function byTable(schemas: readonly TableSchema[]): Map<string, TableSchema[]> {
  const tables = new Map<string, TableSchema[]>()
  for (const schema of schemas) tables.set(schema.table, [...(tables.get(schema.table) ?? []), schema])
  return tables
}

/** Column → type, in the order in which a new table has them. */
function wantedColumns(versions: readonly TableSchema[], { guard }: MigrationOptions): Map<string, string> {
  const [first] = versions
  const properties = Object.fromEntries(versions.flatMap((version) => Object.entries(version.properties)))
  const names = first === undefined ? [] : columnOrder({ ...first, properties })
  if (guard && names.includes(guardColumn)) {
    throw new EdsError('unsupported', `table "${first?.table}" has a column ${guardColumn} of its own`, {
      fix: 'leave ?guard=true out for this destination',
    })
  }
  const columns = names.map((name): [string, string] => {
    const property = Object.hasOwn(properties, name) ? properties[name] : undefined
    return [name, property === undefined ? 'TEXT' : columnType(property)]
  })
  return new Map(guard ? [...columns, [guardColumn, 'NUMERIC']] : columns)
}

function missingColumns({ columns }: CatalogTable, wanted: ReadonlyMap<string, string>): string[] {
  return [...wanted.keys()].filter((name) => !columns.has(name))
}

/** `CREATE TABLE` for the newest of these versions of one table, with the columns of all. */
export function createTableStatement(versions: readonly TableSchema[], options: MigrationOptions): string {
  return createTable(versions, wantedColumns(versions, options), options)
}

function createTable(
  versions: readonly TableSchema[],
  wanted: ReadonlyMap<string, string>,
  options: MigrationOptions,
): string {
  const { table = '', primaryKeys = [] } = versions.at(-1) ?? {}
  if (primaryKeys.length === 0) throw new EdsError('unsupported', `table "${table}" has no primary key`, { table })
  const columns = [...wanted].map(([name, type]) => `${quoteIdentifier(name, 'column name')} ${type}`)
  const key = `PRIMARY KEY (${primaryKeys.map((name) => quoteIdentifier(name, 'column name')).join(', ')})`
  return `CREATE TABLE ${qualified(table, options)} (${[...columns, key].join(', ')})`
}

function addColumns(table: string, definitions: readonly string[], options: MigrationOptions): string {
  const additions = definitions.map((definition) => `ADD COLUMN IF NOT EXISTS ${definition}`)
  return `ALTER TABLE ${qualified(table, options)} ${additions.join(', ')}`
}

function createTombstones(options: MigrationOptions): string[] {
  const name = qualified(tombstoneTable, options)
  return [
    `CREATE TABLE ${name} (table_name TEXT, key TEXT, mvcc NUMERIC NOT NULL, deleted_at TIMESTAMPTZ NOT NULL, PRIMARY KEY (table_name, key))`,
    `CREATE INDEX ON ${name} (deleted_at)`,
  ]
}

export function qualified(table: string, { schemaName }: Pick<MigrationOptions, 'schemaName'>): string {
  return `${quoteIdentifier(schemaName, 'schema name')}.${quoteIdentifier(table, 'table name')}`
}
