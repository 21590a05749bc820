import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { EdsError, systemClock, type TableSchema } from '@eds/core'
import { hqApi } from '@eds/hq'
import { CommandFailure, exitCodes, usageError } from '../../exit-codes.js'
import { makeDataDirectory } from '../../host/data-directory.js'
import { isDirectory } from '../../host/is-directory.js'
import { schemaRegistry } from '../../host/schema-registry.js'
import type { ImportOrigin } from '../../settings/import.js'
import { version } from '../../version.js'
import type { ImportContext, OpenImport } from '../import-context.js'
import { openExportJob } from './export-job.js'
import { HqFeed } from './hq-feed.js'
import { latestSchemas } from './hq-schemas.js'

type HqOrigin = Extract<ImportOrigin, { kind: 'hq' }>

/** An import of rows that HQ exports. Resolves when HQ has told which tables it will export. */
export async function openHq(origin: HqOrigin, context: ImportContext): Promise<OpenImport> {
  const { call, settings, logger } = context
  const over = new AbortController()
  const signal = AbortSignal.any([call.io.signal, over.signal])
  const schemas = await declaredByHq(context)
  const api = hqApi({ ...origin.hq, version: version(), clock: systemClock, logger })
  const job = await openExportJob({ api, clock: systemClock, signal }, wanted(origin, context))
  logger.info({}, `export ${job.id}: ${origin.jobId === undefined ? 'asked for' : 'going on with it'}`)
  const directory = join((await makeDataDirectory(settings.dataDirectory)).path, 'imports', job.id)
  const isNew = !(await isDirectory(directory))
  const { only } = settings
  const feed = await HqFeed.open({ api, job, directory, only, clock: systemClock, logger, signal })
  demandTables(job.id, feed, only)
  return {
    feed,
    schemaOf: (table) => {
      const schema = schemas.get(table)
      if (schema) return schema
      throw new EdsError('configuration', `there is no schema for ${table}`)
    },
    start: () => void feed.follow(),
    resume: `repeat with --job-id ${job.id}; what was downloaded stays in ${directory}`,
    finish: async () => {
      // A dry run leaves what it has found.
      if (settings.cleanup && (isNew || settings.scope !== 'dry-run'))
        await rm(directory, { recursive: true, force: true })
      else logger.info({}, `the exported files stay in ${directory}`)
    },
    stop: () => over.abort(),
  }
}

/** What HQ has schemas for, of the tables that are wanted. */
export async function tablesOfHq(context: ImportContext): Promise<ReadonlyMap<string, TableSchema>> {
  const { only } = context.settings
  const schemas = await declaredByHq(context)
  const missing = only.filter((table) => !schemas.has(table))
  if (missing.length > 0) throw usageError(`no schema for ${missing.join(', ')}`, 'check --only')
  return new Map([...schemas].filter(([table]) => only.length === 0 || only.includes(table)))
}

export function schemasOfHq(
  baseUrl: string,
  { call, logger, state }: Pick<ImportContext, 'call' | 'logger' | 'state'>,
): Promise<ReadonlyMap<string, TableSchema>> {
  const cache = state?.namespace('schemas')
  return latestSchemas(baseUrl, { clock: systemClock, logger, signal: call.io.signal, ...(cache && { cache }) })
}

async function declaredByHq(context: ImportContext): Promise<ReadonlyMap<string, TableSchema>> {
  const { schema } = context.settings
  if (schema.kind === 'http') return schemasOfHq(schema.baseUrl, context)
  return (await schemaRegistry(schema)).latest(context.call.io.signal)
}

function wanted({ jobId, timeOffset }: HqOrigin, { settings }: ImportContext) {
  if (jobId !== undefined) return { jobId }
  const { only: tables, companyIds, locationIds } = settings
  return {
    ...(timeOffset !== undefined && { timeOffset }),
    ...(tables.length > 0 && { tables }),
    ...(companyIds.length > 0 && { companyIds }),
    ...(locationIds.length > 0 && { locationIds }),
  }
}

function demandTables(jobId: string, { tables }: HqFeed, only: readonly string[]): void {
  const missing = only.filter((table) => !tables.includes(table))
  if (missing.length > 0) throw usageError(`the export ${jobId} is without ${missing.join(', ')}`, 'check --only')
  if (tables.length === 0) throw new CommandFailure(exitCodes.error, `the export ${jobId} holds no tables`)
}
