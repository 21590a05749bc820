import type { SchemaRegistry } from './registry.js'
import type { TableSchema } from './schema.js'

/** Stands for every model version of a table. */
const anyVersion = '*'

/**
 * A registry of schemas that are known beforehand. A schema with the model version `*` holds for every version of its table that is
 * not given. When a table comes in several versions, the last one given is its latest.
 */
export function staticRegistry(schemas: Iterable<TableSchema>): SchemaRegistry {
  const latest = new Map<string, TableSchema>()
  const versions = new Map<string, Map<string, TableSchema>>()
  for (const schema of schemas) {
    latest.set(schema.table, schema)
    const known = versions.get(schema.table) ?? new Map<string, TableSchema>()
    versions.set(schema.table, known.set(schema.modelVersion, schema))
  }
  return {
    get: async (table, modelVersion) => {
      const known = versions.get(table)
      const general = known?.get(anyVersion)
      return known?.get(modelVersion) ?? (general && { ...general, modelVersion })
    },
    latest: async () => latest,
  }
}
