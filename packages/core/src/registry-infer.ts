import type { ChangeEvent, Row } from './event.js'
import { ExactNumber, type JsonValue } from './json.js'
import type { SchemaRegistry } from './registry.js'
import type { ColumnSchema, TableSchema } from './schema.js'

/**
 * Learns each table's columns from the rows that pass: for pipelines whose events come without declared schemas. Columns only
 * grow, and their type is that of the first value seen (an integer column becomes a number when a fraction comes before the
 * destination was prepared). A value that does not fit a column which exists is the destination's to convert or to refuse.
 * The primary key is `id`; a table without one must be declared.
 */
export function inferRegistry(): SchemaRegistry {
  const tables = new Map<string, Record<string, ColumnSchema>>()
  const schemaOf = (table: string, modelVersion: string): TableSchema | undefined => {
    const properties = tables.get(table)
    if (!properties?.id) return undefined
    return { table, modelVersion, primaryKeys: ['id'], required: ['id'], properties: { ...properties }, open: true }
  }
  return {
    get: async (table, modelVersion, sample) => {
      if (sample.key.length > 2) return undefined
      const properties = tables.get(table) ?? keyColumn(sample)
      tables.set(table, properties)
      learn(properties, sample.before)
      learn(properties, sample.after)
      return schemaOf(table, modelVersion)
    },
    latest: async () => {
      const schemas = [...tables.keys()].map((table) => schemaOf(table, 'inferred'))
      return new Map(schemas.flatMap((schema) => (schema ? [[schema.table, schema]] : [])))
    },
  }
}

/** A delete may bring nothing but its key. */
function keyColumn({ before, after, key }: ChangeEvent): Record<string, ColumnSchema> {
  return !before && !after && key.length > 0 ? { id: { type: 'string' } } : {}
}

function learn(properties: Record<string, ColumnSchema>, row: Row | undefined): void {
  for (const [name, value] of Object.entries(row ?? {})) {
    const seen = typeOf(value)
    if (seen && (!properties[name] || (properties[name].type === 'integer' && seen.type === 'number')))
      properties[name] = seen
  }
}

function typeOf(value: JsonValue | undefined): ColumnSchema | undefined {
  if (value === undefined || value === null) return undefined
  if (Array.isArray(value)) return { type: 'array', nullable: true }
  if (value instanceof ExactNumber) return { type: /^-?\d+$/.test(value.text) ? 'integer' : 'number', nullable: true }
  if (typeof value === 'number') return { type: Number.isSafeInteger(value) ? 'integer' : 'number', nullable: true }
  if (typeof value === 'boolean') return { type: 'boolean', nullable: true }
  return { type: typeof value === 'string' ? 'string' : 'object', nullable: true }
}
