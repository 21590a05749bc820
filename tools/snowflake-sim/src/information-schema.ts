import type { Catalog, Table } from './catalog.js'
import type { Relation } from './query.js'
import { type Outcome, statusOutcome } from './result.js'
import type { Session } from './session.js'
import { type SqlType, textType } from './sql-type.js'
import { Decimal, type Value } from './value.js'

const number = (value: number | undefined): Value => (value === undefined ? null : new Decimal(BigInt(value)))
const countType: SqlType = { name: 'NUMBER', precision: 9, scale: 0 }

interface View {
  readonly columns: readonly (readonly [string, SqlType])[]
  rows(tables: readonly Table[], catalog: Catalog): readonly (readonly Value[])[]
}

const columnsView: View = {
  columns: [
    ['TABLE_CATALOG', textType],
    ['TABLE_SCHEMA', textType],
    ['TABLE_NAME', textType],
    ['COLUMN_NAME', textType],
    ['ORDINAL_POSITION', countType],
    ['COLUMN_DEFAULT', textType],
    ['IS_NULLABLE', textType],
    ['DATA_TYPE', textType],
    ['CHARACTER_MAXIMUM_LENGTH', countType],
    ['NUMERIC_PRECISION', countType],
    ['NUMERIC_SCALE', countType],
    ['DATETIME_PRECISION', countType],
    ['IS_IDENTITY', textType],
  ],
  rows: (tables) => tables.flatMap(columnRows),
}

function columnRows(table: Table): readonly (readonly Value[])[] {
  return table.columns.map(({ name, type, nullable }, index) => [
    table.name.database,
    table.name.schema,
    table.name.object,
    name,
    number(index + 1),
    null,
    nullable ? 'YES' : 'NO',
    type.name,
    number(type.name === 'TEXT' || type.name === 'BINARY' ? type.length : undefined),
    number(type.name === 'NUMBER' ? type.precision : undefined),
    number(type.name === 'NUMBER' ? type.scale : undefined),
    number(type.name.startsWith('TIMESTAMP') && 'scale' in type ? type.scale : undefined),
    'NO',
  ])
}

const tablesView: View = {
  columns: [
    ['TABLE_CATALOG', textType],
    ['TABLE_SCHEMA', textType],
    ['TABLE_NAME', textType],
    ['TABLE_TYPE', textType],
    ['ROW_COUNT', countType],
  ],
  rows: (tables) =>
    tables.map((table) => [
      table.name.database,
      table.name.schema,
      table.name.object,
      table.temporary ? 'TEMPORARY TABLE' : 'BASE TABLE',
      number(table.rows.length),
    ]),
}

const schemataView: View = {
  columns: [
    ['CATALOG_NAME', textType],
    ['SCHEMA_NAME', textType],
  ],
  rows: (_tables, catalog) => [...catalog.schemas].map((key) => (JSON.parse(key) as readonly string[]).slice(0, 2)),
}

const views: Readonly<Record<string, View>> = { COLUMNS: columnsView, TABLES: tablesView, SCHEMATA: schemataView }

/** COLUMNS, TABLES and SCHEMATA of one database, or undefined for a view that is not kept here. */
export function informationSchema(view: string, database: string, alias: string, catalog: Catalog, session: Session) {
  const found = views[view]
  if (found === undefined) return undefined
  const visible = [...catalog.tables.values(), ...session.temporaryTables.values()]
  const tables = visible.filter((table) => table.name.database === database)
  const rows = found.rows(tables, catalog)
  const columns = found.columns.map(([name, type]) => ({ qualifier: alias, name, type }))
  const relation: Relation = { columns, rows: () => rows }
  return relation
}

/** SHOW PRIMARY KEYS: names in lower case, as the service gives them. */
export function showPrimaryKeys(table: Table): Outcome {
  const names = [
    'created_on',
    'database_name',
    'schema_name',
    'table_name',
    'column_name',
    'key_sequence',
    'constraint_name',
  ]
  return {
    ...statusOutcome(''),
    columns: names.map((name) => ({ name, type: name === 'key_sequence' ? countType : textType })),
    rows: table.primaryKey.map((column, index) => [
      null,
      table.name.database,
      table.name.schema,
      table.name.object,
      column,
      number(index + 1),
      'SYS_CONSTRAINT',
    ]),
  }
}
