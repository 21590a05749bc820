import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { SchemaRegistry, Source, StateStore } from '@eds/core'
import { companySubjects, narrowCompanies, nats, natsRegistry, readCredentials } from '@eds/source-nats'
import type { CommandCall } from '../command.js'
import type { ExitCode } from '../exit-codes.js'
import { type DataDirectory, makeDataDirectory } from '../host/data-directory.js'
import { deliver } from '../host/deliver.js'
import { installedDrivers } from '../host/drivers.js'
import { readCredentialsFile, serverSecrets } from '../host/nats-source.js'
import { schemaRegistry } from '../host/schema-registry.js'
import { type PlannedSink, planSinks } from '../host/sinks.js'
import { createLogger, type ProgramLogger } from '../logging/create-logger.js'
import type { OlderSettings } from '../settings/older.js'
import { readServerSettings, type ServerSettings } from '../settings/server.js'
import { validationStages } from '../validation/validation-stage.js'
import { byCursor, type CompanyLane, companyLanes } from './company-lanes.js'
import { dryRunSink } from './dry-run-sink.js'
import { dumping } from './dump-source.js'
import { planOlderImport } from './import-files.js'
import { runImporter } from './run-importer.js'

/** A connection that stays open would keep the process alive. */
interface ClosableRegistry extends SchemaRegistry {
  close?(): Promise<void>
}

interface Parts {
  readonly settings: ServerSettings
  readonly older: OlderSettings
  readonly logger: ProgramLogger
}

/** Runs as the older generation of the EDS server does: with NATS credentials and without HQ, in this process. */
export async function serveOlder(call: CommandCall, older: OlderSettings): Promise<ExitCode> {
  const { io, redactor } = call
  const given = await readServerSettings(call)
  const settings = withStart(given, older)
  const drivers = await installedDrivers(io.workingDirectory, settings.drivers)
  const planned = await planSinks(settings.urls, drivers, redactor)
  const sinks = older.dryRun ? planned.map(asDryRun) : planned
  redactor.add(serverSecrets(settings.source.servers))
  const holder = readCredentials(await readCredentialsFile(older.credentialsFile))
  const companyIds = narrowCompanies(holder.companyIds, settings.source.companyIds)
  const directory = await directoryFor(settings, older)
  const logger = createLogger(settings.log, io.stderr, redactor)
  const parts = { settings, older, logger }
  let registry: ClosableRegistry | undefined
  try {
    for (const remark of settings.remarks) logger.warn({}, remark)
    if (older.importDirectory !== undefined) return await importFiles(call, parts, sinks, older.importDirectory)
    const { consumerPrefix: prefix, dryRun } = older
    const lanes = companyLanes(sinks, companyIds, { prefix, takesOver: !dryRun })
    return await deliver({
      settings,
      sinks: lanes.map(({ sink }) => sink),
      directory,
      logger,
      redactor,
      stages: await validationStages(settings.validatorDirectory, logger),
      signal: io.signal,
      rotateLog: () => logger.rotateFile(),
      source: (state) => sourceOf(lanes, parts, state),
      registry: async (state) => {
        registry = await registryOf(parts, state)
        return registry
      },
    })
  } finally {
    await registry?.close?.()
    logger.close()
    if (older.dryRun) await rm(directory.state, { recursive: true, force: true })
  }
}

function withStart(settings: ServerSettings, { startBackMs }: OlderSettings): ServerSettings {
  if (startBackMs === undefined || settings.start !== undefined) return settings
  return { ...settings, start: { at: 'time', time: Date.now() - startBackMs } }
}

function asDryRun({ sink, destination }: PlannedSink): PlannedSink {
  return { sink: dryRunSink(sink), destination: `${destination} (dry run: nothing is written)` }
}

/** A dry run remembers nothing: its state is its own and is removed. */
async function directoryFor({ dataDirectory }: ServerSettings, { dryRun }: OlderSettings): Promise<DataDirectory> {
  const directory = await makeDataDirectory(dataDirectory)
  return dryRun ? { ...directory, state: join(dataDirectory, `dry-run-${process.pid}`) } : directory
}

async function importFiles(
  call: CommandCall,
  parts: Parts,
  sinks: readonly PlannedSink[],
  directory: string,
): Promise<ExitCode> {
  const { older, logger } = parts
  const plan = await planOlderImport(directory, Date.now())
  const tables = plan.tables.map(({ table }) => table)
  const registry = await registryOf(parts, undefined, tables)
  try {
    return await runImporter({ call, plan, sinks, registry, logger, dryRun: older.dryRun })
  } finally {
    await registry.close?.()
  }
}

/** By NATS request, unless the schemas come from elsewhere. */
async function registryOf(
  { settings, older, logger }: Parts,
  state: StateStore | undefined,
  tables: readonly string[] = [],
): Promise<ClosableRegistry> {
  if (settings.schema.kind !== 'inferred') return schemaRegistry(settings.schema, state)
  return natsRegistry({
    servers: settings.source.servers,
    credentials: { credsFile: older.credentialsFile },
    tables,
    logger,
    ...(state && { cache: state.namespace('schemas') }),
  })
}

/** One NATS source for each company: a durable consumer reads one company, as that server had it. */
async function sourceOf(lanes: readonly CompanyLane[], parts: Parts, state: StateStore): Promise<Source> {
  const companies = new Set(lanes.map(({ companyId }) => companyId))
  const sources = new Map([...companies].map((companyId) => [companyId, companySource(companyId, lanes, parts, state)]))
  const source = byCursor(
    new Map(
      lanes.flatMap(({ sink, companyId }) => {
        const own = sources.get(companyId)
        return own ? [[sink.sink.name, own] as const] : []
      }),
    ),
  )
  const { dryRun, dumpDirectory } = parts.older
  const watched = dryRun ? forgetting(source, lanes) : source
  return dumpDirectory === undefined ? watched : dumping(watched, dumpDirectory)
}

function companySource(
  companyId: string | undefined,
  lanes: readonly CompanyLane[],
  { settings, older, logger }: Parts,
  state: StateStore,
): Source {
  const consumers = new Map(lanes.map(({ sink, consumer }) => [sink.sink.name, consumer]))
  const { servers, stream, ack = 'explicit', maxAckPending, maxPullEvents } = settings.source
  return nats({
    servers,
    stream,
    credentials: { credsFile: older.credentialsFile },
    consumer: (cursor) => consumers.get(cursor) ?? cursor,
    ack,
    logger,
    trace: older.traceNats,
    state: state.namespace(companyId === undefined ? 'nats' : `nats-${companyId}`),
    ...(companyId !== undefined && { filterSubjects: companySubjects([companyId], stream) }),
    ...(maxAckPending !== undefined && { maxAckPending }),
    ...(maxPullEvents !== undefined && { maxPullBatch: maxPullEvents }),
  })
}

/** The same source, leaving no consumer behind. */
function forgetting(source: Source, lanes: readonly CompanyLane[]): Source {
  return {
    description: source.description,
    open: (request) => source.open(request),
    forget: (cursor) => source.forget(cursor),
    close: async () => {
      await Promise.all(lanes.map(({ sink }) => source.forget(sink.sink.name).catch(() => {})))
      await source.close()
    },
  }
}
