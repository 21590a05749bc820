import { type ChangeEvent, type ColumnSchema, rewriteEvent, type SchemaRegistry, type TableSchema } from '@eds/core'
import type { FilterConfig } from './schema.js'
import { passesTable } from './table-filter.js'
import type { Shapes, TableShape } from './table-shape.js'

/** The registry as the destination is to see it: tables and columns under their new names, and without those that are left out. */
export function reshapedRegistry(
  registry: SchemaRegistry,
  shapes: Shapes,
  filters: readonly FilterConfig[],
): SchemaRegistry {
  return {
    get: async (table, modelVersion, sample, signal) => {
      const source = shapes.sourceTable(table)
      const shape = shapes.of(source)
      const original = shape === undefined ? sample : originalOf(sample, source, shape)
      const schema = await registry.get(source, modelVersion, original, signal)
      return schema && reshapeSchema(schema, shape)
    },
    latest: async (signal) => {
      const schemas = [...(await registry.latest(signal)).values()].filter(
        ({ table }) => passesTable(filters, table) && !shapes.taken.has(table),
      )
      return new Map(
        schemas.map((schema) => {
          const reshaped = reshapeSchema(schema, shapes.of(schema.table))
          return [reshaped.table, reshaped]
        }),
      )
    },
  }
}

/** A table's schema as its destination is to see it. What is masked or hashed is text. */
export function reshapeSchema(schema: TableSchema, shape: TableShape | undefined): TableSchema {
  if (shape === undefined) return schema
  const nameOf = (name: string) => shape.column(name)?.name ?? []
  const properties = Object.entries(schema.properties).flatMap(([name, column]): [string, ColumnSchema][] => {
    const found = shape.column(name)
    if (!found) return []
    const { nullable } = column
    const text = { type: 'string' as const, ...(nullable !== undefined && { nullable }) }
    return [[found.name, found.treatment === 'keep' ? column : text]]
  })
  return {
    ...schema,
    table: shape.table,
    primaryKeys: schema.primaryKeys.flatMap(nameOf),
    required: schema.required.flatMap(nameOf),
    properties: Object.fromEntries(properties),
  }
}

/** The event under the source's names, for a registry that learns from it. What was taken out stays out. */
function originalOf(sample: ChangeEvent, table: string, shape: TableShape): ChangeEvent {
  const rename = (row: ChangeEvent['after']) =>
    row && Object.fromEntries(Object.entries(row).map(([name, value]) => [shape.sourceColumn(name), value]))
  const { before, after } = sample
  return rewriteEvent(sample, {
    table,
    ...(before && { before: rename(before) }),
    ...(after && { after: rename(after) }),
  })
}
