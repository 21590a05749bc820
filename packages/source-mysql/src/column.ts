import { createHash } from 'node:crypto'
import type { ColumnSchema, TableSchema } from '@eds/core'

/** How a column's values are written into an event. */
export type ValueKind =
  | 'integer'
  | 'decimal'
  | 'float'
  | 'double'
  | 'bit'
  | 'text'
  | 'json'
  | 'binary'
  | 'date'
  | 'datetime'
  | 'timestamp'
  | 'time'

/** A column as the catalog has it. */
export interface Column {
  readonly name: string
  /** Lower case, without length: `varchar`; MariaDB's JSON, a text with a check, is `json`. */
  readonly type: string
  /** As in `SHOW CREATE TABLE`: `bigint(20) unsigned`, `enum('a','b')`. */
  readonly fullType: string
  readonly nullable: boolean
  /** The server's name of the character set; absent for what is no text. */
  readonly charset?: string
}

/** A table that is captured, in one version. */
export interface CapturedTable {
  readonly name: string
  /** In the table's own order. */
  readonly columns: readonly Column[]
  readonly primaryKeys: readonly string[]
  readonly modelVersion: string
  readonly schema: TableSchema
}

const kinds: Readonly<Record<string, ValueKind>> = {
  tinyint: 'integer',
  smallint: 'integer',
  mediumint: 'integer',
  int: 'integer',
  bigint: 'integer',
  year: 'integer',
  decimal: 'decimal',
  float: 'float',
  double: 'double',
  bit: 'bit',
  json: 'json',
  date: 'date',
  datetime: 'datetime',
  timestamp: 'timestamp',
  time: 'time',
  char: 'text',
  varchar: 'text',
  tinytext: 'text',
  text: 'text',
  mediumtext: 'text',
  longtext: 'text',
  enum: 'text',
  set: 'text',
  uuid: 'text',
  inet4: 'text',
  inet6: 'text',
}

/** Binary strings, shapes, and what later servers may add are bytes. */
export function kindOf({ type }: Pick<Column, 'type'>): ValueKind {
  return kinds[type] ?? 'binary'
}

/** Zero dates have no meaning outside of MySQL and become null, whatever the column says. */
const mayBeZero: ReadonlySet<ValueKind> = new Set(['date', 'datetime', 'timestamp'])

function schemaOf(column: Column): ColumnSchema {
  const kind = kindOf(column)
  const nullable = column.nullable || mayBeZero.has(kind)
  return { ...typeOf(kind), ...(nullable ? { nullable } : {}) }
}

function typeOf(kind: ValueKind): ColumnSchema {
  switch (kind) {
    case 'integer':
    case 'bit':
      return { type: 'integer' }
    case 'decimal':
    case 'float':
    case 'double':
      return { type: 'number' }
    case 'json':
      return { type: 'object', additionalProperties: true }
    case 'datetime':
    case 'timestamp':
      return { type: 'string', format: 'date-time' }
    default:
      return { type: 'string' }
  }
}

/** Names the version by what it is: the same columns have the same version, on any server and after any restart. */
export function captureTable(name: string, columns: readonly Column[], primaryKeys: readonly string[]): CapturedTable {
  const parts = columns.map(({ name, type, fullType, nullable }) => [name, type, fullType, nullable])
  const modelVersion = createHash('sha256')
    .update(JSON.stringify([parts, primaryKeys]))
    .digest('hex')
    .slice(0, 16)
  const properties = Object.fromEntries(columns.map((column) => [column.name, schemaOf(column)]))
  const required = columns.filter(({ name }) => !properties[name]?.nullable).map(({ name }) => name)
  const schema = { table: name, modelVersion, primaryKeys, required, properties }
  return { name, columns, primaryKeys, modelVersion, schema }
}
