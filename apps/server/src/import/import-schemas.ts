import { inferRegistry, type SchemaRegistry, type TableSchema } from '@eds/core'
import { usageError } from '../exit-codes.js'
import type { ImportPlan, TableImport } from './import-plan.js'
import { type RowReading, tableRows } from './table-rows.js'

/**
 * The latest declared schema of every table of an import.
 *
 * @throws CommandFailure (exit code 3) naming the tables that have none.
 */
export async function declaredSchemas(
  registry: SchemaRegistry,
  plan: Pick<ImportPlan, 'tables'>,
  signal: AbortSignal,
): Promise<Map<string, TableSchema>> {
  return schemasFor(await registry.latest(signal), plan)
}

/** Those of the tables of an import. Throws as {@link declaredSchemas} does. */
export function schemasFor(
  latest: ReadonlyMap<string, TableSchema>,
  { tables }: Pick<ImportPlan, 'tables'>,
): Map<string, TableSchema> {
  const missing = tables.filter(({ table }) => !latest.has(table)).map(({ table }) => table)
  if (missing.length > 0) {
    throw usageError(`no schema for ${missing.join(', ')}`, 'add it to --schema, or choose the tables with --only')
  }
  return new Map(tables.flatMap(({ table }) => (latest.has(table) ? [[table, latest.get(table) as TableSchema]] : [])))
}

const inferredKey = { modelVersion: 'inferred', primaryKeys: ['id'] }

/** The schema that fits all rows of a table, found by reading them once. `undefined` when there are none. */
export async function inferSchema(table: TableImport, reading: RowReading): Promise<TableSchema | undefined> {
  const registry = inferRegistry()
  let schema: TableSchema | undefined
  for await (const rows of tableRows(table, inferredKey, { ...reading, stages: [] })) {
    for (const row of rows) schema = await registry.get(table.table, inferredKey.modelVersion, row, reading.signal)
  }
  return schema
}

/** The same for every table that has rows; one table after the other. */
export async function inferSchemas(
  { tables }: Pick<ImportPlan, 'tables'>,
  reading: RowReading,
): Promise<Map<string, TableSchema>> {
  const schemas = new Map<string, TableSchema>()
  for (const table of tables) {
    const schema = await inferSchema(table, reading)
    if (schema) schemas.set(table.table, schema)
  }
  return schemas
}
