import type { ChangeEvent, Row } from './event.js'
import { ExactNumber, type JsonValue } from './json.js'
import type { SchemaRegistry } from './registry.js'
import type { ColumnSchema, TableSchema } from './schema.js'

/**
 * Learns each table's columns from the rows that pass: for pipelines whose events come without declared schemas. Columns only
 * grow, and their type is that of the first value seen (an integer column becomes a number when a fraction comes before the
 * destination was prepared). A value that does not fit a column which exists is the destination's to convert or to refuse.
 * The primary key is `id`; a table without one, or with a key of several columns, must be declared. Texts stay texts: one that looks
 * like a time does not make a time column.
 */
export function inferRegistry(): SchemaRegistry {
  const tables = new Map<string, Columns>()
  const schemaOf = (table: string, modelVersion: string): TableSchema | undefined => {
    const columns = tables.get(table)
    if (!columns?.has('id')) return undefined
    const properties = Object.fromEntries(columns)
    return { table, modelVersion, primaryKeys: ['id'], required: ['id'], properties, open: true }
  }
  return {
    get: async (table, modelVersion, sample) => {
      if (sample.key.length > 2) return undefined
      const columns = tables.get(table) ?? keyColumn(sample)
      tables.set(table, columns)
      learn(columns, sample.before)
      learn(columns, sample.after)
      return schemaOf(table, modelVersion)
    },
    latest: async () => {
      const schemas = [...tables.keys()].map((table) => schemaOf(table, 'inferred'))
      return new Map(schemas.flatMap((schema) => (schema ? [[schema.table, schema]] : [])))
    },
  }
}

type Columns = Map<string, ColumnSchema>

/** A delete may bring nothing but its key. */
function keyColumn({ before, after, key }: ChangeEvent): Columns {
  return new Map(!before && !after && key.length > 0 ? [['id', { type: 'string' }]] : [])
}

function learn(columns: Columns, row: Row | undefined): void {
  for (const [name, value] of Object.entries(row ?? {})) {
    const seen = typeOf(value)
    const known = columns.get(name)
    if (seen && (!known || (known.type === 'integer' && seen.type === 'number'))) columns.set(name, seen)
  }
}

function typeOf(value: JsonValue | undefined): ColumnSchema | undefined {
  if (value === undefined || value === null) return undefined
  if (Array.isArray(value)) return { type: 'array', nullable: true }
  if (value instanceof ExactNumber) return { type: /^-?\d+$/.test(value.text) ? 'integer' : 'number', nullable: true }
  if (typeof value === 'number') return { type: isInteger(value) ? 'integer' : 'number', nullable: true }
  if (typeof value === 'boolean') return { type: 'boolean', nullable: true }
  return { type: typeof value === 'string' ? 'string' : 'object', nullable: true }
}

/** Also beyond 2^53, where a double may still be exactly what was sent; as far as integers of databases go. */
function isInteger(value: number): boolean {
  return Number.isInteger(value) && Math.abs(value) < 2 ** 63
}
