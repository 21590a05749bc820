import { memoryState, type TableSchema } from '@eds/core'
import { schemaRegistry } from '../host/schema-registry.js'
import { schemasOfHq } from './hq/open-hq.js'
import { type ImportContext, type OpenImport, readingOf } from './import-context.js'
import { feedOf, type ImportPlan, planImport } from './import-plan.js'
import { declaredSchemas, inferSchemas, schemasFor } from './import-schemas.js'

export interface DirectoryImport extends OpenImport {
  readonly schemas: ReadonlyMap<string, TableSchema>
}

/** An import of files that are there. */
export async function openDirectory(directory: string, context: ImportContext): Promise<DirectoryImport> {
  const { settings, logger } = context
  const plan = await planImport(directory, settings.only)
  logger.info({}, `${plan.files.length} files of ${plan.tables.length} tables in ${directory}`)
  if (plan.ignored.length > 0) logger.warn({}, `ignored, as they are no exported files: ${plan.ignored.join(', ')}`)
  const schemas = await importSchemas(plan, context)
  return {
    feed: feedOf(plan),
    schemas,
    schemaOf: (table) => schemas.get(table),
    start: () => {},
    finish: async () => {},
    stop: () => {},
  }
}

/** The schema of every table: declared, or found by reading all rows once. Tables without rows have none then. */
async function importSchemas(plan: ImportPlan, context: ImportContext): Promise<ReadonlyMap<string, TableSchema>> {
  const { call, settings, logger, state } = context
  if (settings.schema.kind === 'file') {
    return declaredSchemas(await schemaRegistry(settings.schema, state ?? memoryState()), plan, call.io.signal)
  }
  if (settings.schema.kind === 'http') return schemasFor(await schemasOfHq(settings.schema.baseUrl, context), plan)
  logger.warn({}, 'no --schema: column types are inferred, which takes reading all rows once more')
  return inferSchemas(
    plan,
    readingOf(context, () => {}),
  )
}
