import {
  type EventStage,
  fileDeadLetters,
  type Logger,
  type PipelineOptions,
  type SchemaRegistry,
  type Source,
  type StateStore,
  systemClock,
} from '@eds/core'
import { adoptOldState } from '../old-state/old-state.js'
import type { Redactor } from '../redactor.js'
import type { ServerSettings } from '../settings/server.js'
import { Beginnings } from './beginnings.js'
import type { DataDirectory } from './data-directory.js'
import { rememberSinks } from './known-sinks.js'
import { isLive, leavingNothing } from './live-sinks.js'
import { natsSource } from './nats-source.js'
import { schemaRegistry } from './schema-registry.js'
import { sinkStart } from './sink-options.js'
import type { PlannedSink } from './sinks.js'

/** What a pipeline is put together from. */
export interface PipelineParts {
  readonly settings: ServerSettings
  readonly sinks: readonly PlannedSink[]
  readonly directory: DataDirectory
  readonly logger: Logger
  readonly redactor: Redactor
  readonly stages: readonly EventStage[]
  /** Default: the NATS stream of the settings, a consumer for each sink. */
  readonly source?: (state: StateStore) => Promise<Source>
  /** Default: that of the settings. */
  readonly registry?: (state: StateStore) => Promise<SchemaRegistry>
}

/** Everything about the pipeline but its metrics. */
export async function pipelineOptions(parts: PipelineParts, state: StateStore): Promise<PipelineOptions> {
  const { settings, sinks, directory, logger, redactor, stages } = parts
  const names = sinks.map(({ sink }) => sink.name)
  const beginnings = new Beginnings(state)
  if (settings.restart) for (const name of names) await beginnings.beginAt(name, { at: 'beginning' })
  const live = sinks.flatMap(({ sink }) => (isLive(sink) ? [sink.name] : []))
  for (const name of live) await beginnings.beginAt(name, { at: 'now' })
  const source = parts.source
    ? await parts.source(state)
    : await natsSource(settings.source, names, { redactor, logger, state: state.namespace('nats') })
  if (names[0] !== undefined) await adoptOldState(directory.path, state, names[0], logger)
  await rememberSinks(
    state,
    sinks.map(({ sink, destination }) => ({ name: sink.name, driver: sink.definition.name, destination })),
  )
  const registry = parts.registry ? await parts.registry(state) : await schemaRegistry(settings.schema, state)
  return {
    source: leavingNothing(beginnings.guard(source), live, logger),
    sinks: await Promise.all(
      sinks.map(async ({ sink, destination, settings: own, registry: seen }) => {
        const { options, isNew, importedAt } = await sinkStart({ ...settings, ...own }, sink.name, state, beginnings)
        // What an import has brought is known by the names of the source, so that is looked at first.
        const stages = [...(options.stages ?? []), ...(sink.options.stages ?? [])]
        logger.info({}, `${sink.name}: ${sink.definition.title}, ${destination}`)
        if (importedAt !== undefined) logger.info({}, importedRemark(sink.name, importedAt))
        if (isNew && !live.includes(sink.name)) logger.warn({}, newSinkWarning(sink.name))
        return { ...sink, options: { ...sink.options, ...options, stages, ...(seen && { registry: seen(registry) }) } }
      }),
    ),
    state,
    deadLetters: fileDeadLetters({ directory: directory.deadLetters }),
    registry,
    stages,
    clock: systemClock,
    logger,
  }
}

/** Else a stream of old changes would seem to vanish. */
function importedRemark(name: string, importedAt: number): string {
  return `${name}: changes older than the import of their table are skipped; the last import is of ${new Date(importedAt).toISOString()}`
}

function newSinkWarning(name: string): string {
  return `${name} is new here: unless the source remembers it, it gets new events only; to begin earlier, use --start or import first`
}
