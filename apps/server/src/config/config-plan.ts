import type { CommandCall } from '../command.js'
import { installedDrivers } from '../host/drivers.js'
import type { PlannedSink } from '../host/sinks.js'
import type { DatabaseSettings } from '../settings/database.js'
import { readDatabaseSettings } from '../settings/database.js'
import { readServerSettings, type ServerSettings } from '../settings/server.js'
import { sinkNameFor, splitName } from '../settings/sink-name.js'
import { applyConfig, type ChosenSource, chosenSource, isGiven } from './apply-config.js'
import { planConfigSinks } from './config-sinks.js'
import { type LoadedConfig, loadConfig } from './load-config.js'
import { wrongConfig } from './problems.js'
import type { CheckedConfig, SinkConfig } from './schema.js'

/** What a configuration file, and the command line on top of it, ask for. */
export interface ConfigPlan {
  readonly path: string
  readonly config: CheckedConfig
  /** Of each sink: where in the file stand its filters and transforms, such as `sinks[0]`. */
  readonly rulePlaces: readonly string[]
  readonly settings: ServerSettings
  readonly sinks: readonly PlannedSink[]
  readonly sourceType: ChosenSource
  /** Of a source that is a database. */
  readonly database: DatabaseSettings | undefined
}

/**
 * Reads and checks everything that can be checked without connecting.
 *
 * @throws CommandFailure (exit code 3) that lists everything that is wrong
 */
export async function planConfig(call: CommandCall, path: string): Promise<ConfigPlan> {
  const { io, redactor } = call
  const loaded = await loadConfig(path, io.environment, redactor)
  const applied = applyConfig(call, loaded)
  const database = readDatabaseSettings(applied)
  const settings = await readServerSettings(withoutSinks(applied), { isOptional: true })
  const drivers = await installedDrivers(io.workingDirectory, [...settings.drivers, ...(loaded.config.drivers ?? [])])
  const config = withGivenSinks(call, loaded)
  const { sinks, problems } = await planConfigSinks({ config, drivers, redactor, now: Date.now() })
  if (problems.length > 0) throw wrongConfig(path, problems)
  const sourceType = chosenSource(call.options, config)
  return {
    path,
    config,
    rulePlaces: rulePlacesOf(config, loaded),
    settings,
    database,
    sourceType,
    sinks: sinks.map((sink) => withGivenOptions(call, sink)),
  }
}

/** The sinks are the file's, or those of the command line: not that of config.toml. */
function withoutSinks(call: CommandCall): CommandCall {
  return { ...call, options: { ...call.options, url: [] }, operands: [] }
}

/** `--url` in place of the file's sinks; one of a name that the file knows keeps everything else that the file says of it. */
function withGivenSinks(call: CommandCall, { config }: LoadedConfig): CheckedConfig {
  const { url = [] } = call.options
  const given = [...(Array.isArray(url) ? url.map(String) : []), ...call.operands].map(splitName)
  if (given.length === 0) return config
  const sinks = given.map(({ name, url }): SinkConfig => {
    const { driver: _, options: __, ...known } = config.sinks.find((sink) => sink.name === name) ?? { name: '' }
    return { ...known, name: name ?? sinkNameFor(/^[^:]*/.exec(url)?.[0] ?? '', url), url }
  })
  return { ...config, sinks }
}

/** A sink of the command line alone is subject to what stands at the top of the file. */
function rulePlacesOf({ sinks }: CheckedConfig, { config }: LoadedConfig): string[] {
  return sinks.map(({ name }) => {
    const index = config.sinks.findIndex((sink) => sink.name === name)
    return index < 0 ? `sink ${name}` : `sinks[${index}]`
  })
}

/** What was given on the command line goes for every sink. */
function withGivenOptions({ options }: CommandCall, sink: PlannedSink): PlannedSink {
  const { start, onError, lingerMs } = sink.settings ?? {}
  return {
    ...sink,
    settings: {
      ...(start && !isGiven(options, 'start', 'from', 'restart') && { start }),
      ...(onError && !isGiven(options, 'onError') && { onError }),
      ...(lingerMs !== undefined && !isGiven(options, 'minPendingLatency', 'maxPendingLatency') && { lingerMs }),
    },
  }
}
