import type { Name } from '../sql/ast.js'
import type { Database } from './database.js'
import type { Row, Table } from './table.js'
import { intType, nvarcharType, type SqlType, typeOf, type Value } from './types.js'

/** A view of the catalog with its rows as they are now. */
export interface SystemView {
  readonly columns: readonly { readonly name: string; readonly type: SqlType }[]
  readonly rows: readonly Row[]
}

const text = nvarcharType(128)
const bit = typeOf('bit')
const tiny = typeOf('tinyint')
const small = typeOf('smallint')

/** Numbers of the types in sys.types. */
const typeIds: Record<string, number> = {
  date: 40,
  time: 41,
  datetime2: 42,
  datetimeoffset: 43,
  tinyint: 48,
  smallint: 52,
  int: 56,
  real: 59,
  datetime: 61,
  float: 62,
  bit: 104,
  decimal: 106,
  numeric: 108,
  bigint: 127,
  uniqueidentifier: 36,
  varbinary: 165,
  varchar: 167,
  binary: 173,
  char: 175,
  nvarchar: 231,
  nchar: 239,
}

const declaredName = (type: SqlType) => type.declared ?? type.name
const typeId = (type: SqlType) => BigInt(typeIds[declaredName(type)] ?? 0)

/** Bytes and precision of a type as sys.columns gives them. */
const widths: Record<string, readonly [bytes: number, precision: number]> = {
  bit: [1, 1],
  tinyint: [1, 3],
  smallint: [2, 5],
  int: [4, 10],
  bigint: [8, 19],
  real: [4, 24],
  float: [8, 53],
  date: [3, 10],
  datetime: [8, 23],
  uniqueidentifier: [16, 0],
  decimal: [17, 0],
  time: [5, 16],
  datetime2: [8, 27],
  datetimeoffset: [10, 34],
}

function maxLength(type: SqlType): bigint {
  const width = widths[type.name]
  if (width) return BigInt(width[0])
  if (type.length === 0) return -1n
  return BigInt(type.name === 'nvarchar' ? type.length * 2 : type.length)
}

const precisionOf = (type: SqlType) => BigInt(type.precision || (widths[type.name]?.[1] ?? 0))
const flag = (value: boolean): Value => (value ? 1n : 0n)
const isTextual = (type: SqlType) => type.name === 'nvarchar' || type.name === 'varchar'
const collationOf = (type: SqlType): Value =>
  isTextual(type) ? (type.binaryCollation ? 'Latin1_General_BIN2' : 'SQL_Latin1_General_CP1_CI_AS') : null

const schemaId = (database: Database, schema: string) => BigInt([...database.schemas.values()].indexOf(schema) + 1)
const keyName = (table: Table) => `PK_${table.name}`
const keyed = (database: Database) => database.tables.filter((table) => table.key.length > 0)

type Definition = readonly [columns: Record<string, SqlType>, rows: (database: Database) => Row[]]

const objects: Definition = [
  { object_id: intType, name: text, schema_id: intType, type: typeOf('varchar', 2), type_desc: text },
  (database) =>
    database.tables.map((table) => [
      BigInt(table.id),
      table.name,
      schemaId(database, table.schema),
      'U ',
      'USER_TABLE',
    ]),
]

const informationColumns: Record<string, SqlType> = {
  TABLE_CATALOG: text,
  TABLE_SCHEMA: text,
  TABLE_NAME: text,
  COLUMN_NAME: text,
  ORDINAL_POSITION: intType,
  COLUMN_DEFAULT: nvarcharType(4000),
  IS_NULLABLE: typeOf('varchar', 3),
  DATA_TYPE: text,
  CHARACTER_MAXIMUM_LENGTH: intType,
  NUMERIC_PRECISION: tiny,
  NUMERIC_SCALE: intType,
  DATETIME_PRECISION: small,
  COLLATION_NAME: text,
}

function informationRow(database: Database, table: Table, position: number): Row {
  const column = table.columns[position]
  if (!column) throw new RangeError('No such column')
  const { type } = column
  const sized = isTextual(type) || type.name === 'varbinary'
  const moment = ['time', 'datetime2', 'datetimeoffset'].includes(type.name)
  const numeric = !sized && !moment && precisionOf(type) > 0n && !['date', 'datetime', 'bit'].includes(type.name)
  return [
    database.name,
    table.schema,
    table.name,
    column.name,
    BigInt(position + 1),
    column.fallback ? '(…)' : null,
    column.nullable ? 'YES' : 'NO',
    declaredName(type),
    sized ? BigInt(type.length || -1) : null,
    numeric ? precisionOf(type) : null,
    numeric && !type.name.match(/float|real/) ? BigInt(type.scale) : null,
    moment ? BigInt(type.scale) : type.name === 'date' ? 0n : type.name === 'datetime' ? 3n : null,
    collationOf(type),
  ]
}

function columnRow(table: Table, position: number): Row {
  const column = table.columns[position]
  if (!column) throw new RangeError('No such column')
  const { type } = column
  const fallback = column.fallback ? BigInt(table.id * 1000 + position) : 0n
  return [
    BigInt(table.id),
    column.name,
    BigInt(position + 1),
    typeId(type),
    typeId(type),
    maxLength(type),
    precisionOf(type),
    BigInt(type.scale),
    flag(column.nullable),
    flag(column.identity !== undefined),
    0n,
    0n,
    fallback,
    collationOf(type),
  ]
}

const eachColumn = (database: Database, row: (table: Table, position: number) => Row) =>
  database.tables.flatMap((table) => table.columns.map((_column, position) => row(table, position)))

const definitions: Record<string, Definition> = {
  'sys.objects': objects,
  'sys.tables': objects,
  'sys.schemas': [
    { schema_id: intType, name: text },
    (database) => [...database.schemas.values()].map((name, index) => [BigInt(index + 1), name]),
  ],
  'sys.types': [
    { user_type_id: intType, system_type_id: tiny, name: text },
    () => Object.entries(typeIds).map(([name, id]) => [BigInt(id), BigInt(id), name]),
  ],
  'sys.columns': [
    {
      object_id: intType,
      name: text,
      column_id: intType,
      system_type_id: tiny,
      user_type_id: intType,
      max_length: small,
      precision: tiny,
      scale: tiny,
      is_nullable: bit,
      is_identity: bit,
      is_computed: bit,
      generated_always_type: tiny,
      default_object_id: intType,
      collation_name: text,
    },
    (database) => eachColumn(database, columnRow),
  ],
  'sys.default_constraints': [
    {
      object_id: intType,
      parent_object_id: intType,
      parent_column_id: intType,
      name: text,
      definition: nvarcharType(0),
    },
    (database) =>
      eachColumn(database, (table, position) => {
        const column = table.columns[position]
        const id = BigInt(table.id * 1000 + position)
        return column?.fallback
          ? [id, BigInt(table.id), BigInt(position + 1), `DF_${table.name}_${column.name}`, '(…)']
          : []
      }).filter((row) => row.length > 0),
  ],
  'sys.indexes': [
    { object_id: intType, index_id: intType, name: text, is_primary_key: bit, is_unique: bit, type_desc: text },
    (database) => keyed(database).map((table) => [BigInt(table.id), 1n, keyName(table), 1n, 1n, 'CLUSTERED']),
  ],
  'sys.index_columns': [
    {
      object_id: intType,
      index_id: intType,
      index_column_id: intType,
      column_id: intType,
      key_ordinal: tiny,
      is_included_column: bit,
    },
    (database) =>
      keyed(database).flatMap((table) =>
        table.key.map((position, index) => [
          BigInt(table.id),
          1n,
          BigInt(index + 1),
          BigInt(position + 1),
          BigInt(index + 1),
          0n,
        ]),
      ),
  ],
  'information_schema.columns': [
    informationColumns,
    (database) => eachColumn(database, (table, position) => informationRow(database, table, position)),
  ],
  'information_schema.tables': [
    { TABLE_CATALOG: text, TABLE_SCHEMA: text, TABLE_NAME: text, TABLE_TYPE: text },
    (database) => database.tables.map((table) => [database.name, table.schema, table.name, 'BASE TABLE']),
  ],
  'information_schema.table_constraints': [
    { CONSTRAINT_NAME: text, TABLE_SCHEMA: text, TABLE_NAME: text, CONSTRAINT_TYPE: text },
    (database) => keyed(database).map((table) => [keyName(table), table.schema, table.name, 'PRIMARY KEY']),
  ],
  'information_schema.key_column_usage': [
    { CONSTRAINT_NAME: text, TABLE_SCHEMA: text, TABLE_NAME: text, COLUMN_NAME: text, ORDINAL_POSITION: intType },
    (database) =>
      keyed(database).flatMap((table) =>
        table.key.map((position, index) => [
          keyName(table),
          table.schema,
          table.name,
          table.columns[position]?.name ?? '',
          BigInt(index + 1),
        ]),
      ),
  ],
}

/** The view of this name; undefined where it is none. */
export function systemView(database: Database, name: Name): SystemView | undefined {
  const definition = definitions[name.slice(-2).join('.').toLowerCase()]
  if (!definition) return undefined
  const [columns, rows] = definition
  return { columns: Object.entries(columns).map(([column, type]) => ({ name: column, type })), rows: rows(database) }
}
