import { createHash } from 'node:crypto'
import type { TableSchema } from '@eds/core'
import { columnSchemaOf, type ValueType } from './value-type.js'

export interface ShapeColumn {
  readonly name: string
  readonly type: ValueType
  readonly nullable: boolean
}

/** A table in one version, as its events describe it. */
export interface TableShape {
  readonly schema: string
  readonly name: string
  readonly columns: readonly ShapeColumn[]
  /** Places of the primary key in `columns`, in the key's order. */
  readonly keys: readonly number[]
  readonly definition: TableSchema
}

/** What events call a table: its name in `public`, `schema.name` elsewhere. */
export function eventTableName(schema: string, name: string): string {
  return schema === 'public' ? name : `${schema}.${name}`
}

export function makeShape(
  schema: string,
  name: string,
  columns: readonly ShapeColumn[],
  primaryKeys: readonly string[],
): TableShape {
  const keys = primaryKeys.map((key) => columns.findIndex((column) => column.name === key)).filter((at) => at >= 0)
  const properties = Object.fromEntries(
    columns.map((column) => [column.name, columnSchemaOf(column.type, column.nullable)]),
  )
  const content = {
    table: eventTableName(schema, name),
    primaryKeys,
    required: columns.filter(({ nullable }) => !nullable).map((column) => column.name),
    properties,
  }
  const modelVersion = createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 16)
  return { schema, name, columns, keys, definition: { ...content, modelVersion } }
}
