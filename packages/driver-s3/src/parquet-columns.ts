import { type ColumnSchema, columnOrder, type TableSchema } from '@eds/core'
import type { SchemaElement } from 'hyparquet-writer'

export type ColumnKind = 'text' | 'integer' | 'number' | 'boolean' | 'time' | 'json'

export interface Column {
  /** In the file. */
  readonly name: string
  readonly kind: ColumnKind
}

export interface TableColumn extends Column {
  /** In the row. */
  readonly property: string
}

/** What every row tells about its change, in front of the table's columns. */
export const changeColumns: readonly Column[] = [
  { name: '_eds_operation', kind: 'text' },
  { name: '_eds_id', kind: 'text' },
  { name: '_eds_position', kind: 'text' },
  { name: '_eds_timestamp', kind: 'time' },
  { name: '_eds_mvcc_timestamp', kind: 'text' },
  { name: '_eds_model_version', kind: 'text' },
  { name: '_eds_company_id', kind: 'text' },
  { name: '_eds_location_id', kind: 'text' },
  { name: '_eds_user_id', kind: 'text' },
  { name: '_eds_key', kind: 'json' },
  { name: '_eds_missing', kind: 'json' },
]

/** Readers ignore the case of names, so any spelling of the prefix is moved out of the way. */
const reserved = /^_+eds_/i

/** The columns of a table: primary keys first, then the rest by name. A name that begins like ours gets one more underscore. */
export function tableColumns(schema: TableSchema): TableColumn[] {
  return columnOrder(schema).map((property) => ({
    property,
    name: reserved.test(property) ? `_${property}` : property,
    kind: kindOf(schema.properties[property]),
  }))
}

function kindOf(column: ColumnSchema | undefined): ColumnKind {
  switch (column?.type) {
    case 'integer':
    case 'number':
    case 'boolean':
      return column.type
    case 'object':
    case 'array':
      return 'json'
    default:
      return column?.format === 'date-time' ? 'time' : 'text'
  }
}

const types: Readonly<Record<ColumnKind, Omit<SchemaElement, 'name' | 'repetition_type'>>> = {
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } },
  integer: { type: 'INT64' },
  number: { type: 'DOUBLE' },
  boolean: { type: 'BOOLEAN' },
  time: {
    type: 'INT64',
    converted_type: 'TIMESTAMP_MICROS',
    logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MICROS' },
  },
  json: { type: 'BYTE_ARRAY', converted_type: 'JSON', logical_type: { type: 'JSON' } },
}

/** The file's schema, with its root. Every column may be null: an image need not have it. */
export function fileSchema(columns: readonly Column[]): SchemaElement[] {
  const elements = columns.map(
    ({ name, kind }): SchemaElement => ({ name, repetition_type: 'OPTIONAL', ...types[kind] }),
  )
  return [{ name: 'root', num_children: elements.length }, ...elements]
}
