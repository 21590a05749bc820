import type { CommandCall } from '../command.js'
import { exitCodes } from '../exit-codes.js'
import { errorLine, exitCodeOf } from '../failure.js'
import { installedDrivers } from '../host/drivers.js'
import type { PlannedSink } from '../host/sinks.js'
import { readCommonSettings } from '../settings/common.js'
import { readConfigFile } from '../settings/config-file.js'
import type { DatabaseSettings } from '../settings/database.js'
import { readDatabaseSettings } from '../settings/database.js'
import { readServerSettings, type ServerSettings } from '../settings/server.js'
import { applyConfig, type ChosenSource, chosenSource, isGiven } from './apply-config.js'
import { chosenSinks } from './chosen-sinks.js'
import { planConfigSinks } from './config-sinks.js'
import { type FaultSearch, loadConfig } from './load-config.js'
import { type Problem, wrongConfig } from './problems.js'
import type { CheckedConfig } from './schema.js'

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
  const loaded = await loadConfig(path, io.environment, redactor, sinkFaults(call))
  const applied = applyConfig(call, loaded)
  const settingFaults: Problem[] = []
  const database = await noting(settingFaults, () => readDatabaseSettings(applied))
  const settings = await noting(settingFaults, () => readServerSettings(withoutSinks(applied), { isOptional: true }))
  const listed = [...(settings?.drivers ?? []), ...(loaded.config.drivers ?? [])]
  const drivers = await installedDrivers(io.workingDirectory, listed)
  const chosen = chosenSinks(call, loaded.config.sinks)
  const config = { ...loaded.config, sinks: chosen.map((sink) => sink.config) }
  const { sinks, problems } = await planConfigSinks({ chosen, config, drivers, redactor, now: Date.now() })
  const faults = [...problems, ...settingFaults]
  if (settings === undefined || faults.length > 0) throw wrongConfig(path, faults)
  const sourceType = chosenSource(call.options, config)
  return {
    path,
    config,
    rulePlaces: chosen.map(({ rulePlace }) => rulePlace),
    settings,
    database,
    sourceType,
    sinks: sinks.map((sink) => withGivenOptions(call, sink)),
  }
}

/** What is wrong with the destinations of a file that is not right otherwise, as far as they can be read. */
function sinkFaults(call: CommandCall): FaultSearch {
  const { io, redactor } = call
  return async (sketch, known) => {
    const { drivers: listed = [] } = await readConfigFile(readCommonSettings(call).dataDirectory)
    const drivers = await installedDrivers(io.workingDirectory, [...listed, ...(sketch.drivers ?? [])])
    const named = sketch.sinks.map(({ name = '', url, driver, options }) => ({ name, url, driver, options }))
    const readable = chosenSinks(call, named).filter(
      ({ config: { url, driver }, place, isGiven }) =>
        (url === undefined) !== (driver === undefined) &&
        (isGiven || !known.some(({ path }) => destinationKeys.some((key) => path.startsWith(`${place}.${key}`)))),
    )
    const chosen = readable.map((sink, index) => ({ ...sink, config: { ...sink.config, name: `sink-${index}` } }))
    return (await planConfigSinks({ chosen, config: {}, drivers, redactor, now: Date.now() })).problems
  }
}

/** A variable that is missing in one of these would bring forth faults that are none. */
const destinationKeys = ['url', 'driver', 'options']

/** What a reader of settings refuses joins the problems; `undefined` then. */
async function noting<T>(problems: Problem[], read: () => T | Promise<T>): Promise<T | undefined> {
  try {
    return await read()
  } catch (error) {
    if (exitCodeOf(error) !== exitCodes.usage) throw error
    problems.push({ path: '', message: errorLine(error), isGiven: true })
    return undefined
  }
}

/** The sinks are the file's, or those of the command line: not that of config.toml. */
function withoutSinks(call: CommandCall): CommandCall {
  return { ...call, options: { ...call.options, url: [] }, operands: [] }
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
