import { dirname, resolve } from 'node:path'
import { type Logger, type SchemaRegistry, type Source, type StateStore, systemClock } from '@eds/core'
import type { HttpSource } from '@eds/source-http'
import { databaseSource } from '../host/database-source.js'
import type { DeliveryParts } from '../host/deliver.js'
import { schemaRegistry } from '../host/schema-registry.js'
import { checkRules } from './check-rules.js'
import type { ConfigPlan } from './config-plan.js'

/** The source and the registry of a plan. Connects when they are used. */
export async function configSource(
  plan: ConfigPlan,
  logger: Logger,
  signal: AbortSignal,
): Promise<Pick<DeliveryParts, 'source' | 'registry' | 'routes'>> {
  const { settings, database } = plan
  const captured = database && (await capture(plan, logger))
  const registry = async (state: StateStore): Promise<SchemaRegistry> => {
    const found =
      captured && settings.schema.kind === 'inferred' ? captured.registry : await schemaRegistry(settings.schema, state)
    for (const warning of await checkRules(plan, found, signal)) logger.warn({}, `${plan.path}: ${warning}`)
    return found
  }
  if (captured) return { source: async () => captured.source, registry }
  return { ...(await otherSource(plan, logger)), registry }
}

async function capture({ database }: ConfigPlan, logger: Logger) {
  if (database === undefined) return undefined
  const { url, ...options } = database
  return databaseSource(url, { ...options, logger })
}

/** What a file may name besides streams and databases; nothing for a stream, which the host knows by itself. */
async function otherSource(
  { path, config, sourceType }: ConfigPlan,
  logger: Logger,
): Promise<Pick<DeliveryParts, 'source' | 'routes'>> {
  if (sourceType === 'file' && config.source.type === 'file') {
    const { fileSource } = await import('@eds/source-file')
    const paths = config.source.paths.map((file) => resolve(dirname(path), file))
    return { source: async (): Promise<Source> => fileSource({ paths }) }
  }
  if (sourceType === 'http' && config.source.type === 'http') return publishedSource(config.source, logger)
  return {}
}

async function publishedSource(
  { token, maxBacklogEvents }: { readonly token: string; readonly maxBacklogEvents?: number | undefined },
  logger: Logger,
): Promise<Pick<DeliveryParts, 'source' | 'routes'>> {
  const { answerNotFound, httpSource, publishRoutes } = await import('@eds/source-http')
  let published: HttpSource | undefined
  return {
    source: async (state) => {
      const journal = state.namespace('published')
      published = httpSource({ journal, ...(maxBacklogEvents !== undefined && { maxBacklogEvents }) })
      return published
    },
    routes: async (app) => {
      if (published === undefined) return
      const onError = (error: unknown) => logger.error({ error }, 'an event could not be published')
      await app.register(publishRoutes, { source: published, securityToken: token, onError, clock: systemClock })
      app.setNotFoundHandler(answerNotFound)
    },
  }
}

/** The registry of a plan, for work that is not delivery; to be closed after it. */
export async function configRegistry(
  plan: ConfigPlan,
  state: StateStore,
): Promise<{ readonly registry: SchemaRegistry; readonly close: () => Promise<void> }> {
  const { schema } = plan.settings
  const captured = schema.kind === 'inferred' ? await capture(plan, silent) : undefined
  if (captured) return { registry: captured.registry, close: () => captured.source.close() }
  return { registry: await schemaRegistry(schema, state), close: async () => {} }
}

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} }
