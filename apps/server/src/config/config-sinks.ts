import {
  type DiscoveredDriver,
  type DriverDefinition,
  EdsError,
  findDriver,
  maskUrl,
  type SinkOptions,
  secretsOf,
  sink,
} from '@eds/core'
import { parseDuration } from '../duration.js'
import { errorLine } from '../failure.js'
import type { PlannedSink } from '../host/sinks.js'
import type { Redactor } from '../redactor.js'
import { parseStart } from '../settings/start.js'
import type { ChosenSink } from './chosen-sinks.js'
import type { Problem } from './problems.js'
import { reshapeStage } from './reshape-event.js'
import { reshapedRegistry } from './reshaped-registry.js'
import type { CheckedConfig, SinkConfig } from './schema.js'
import { sinkTarget } from './sink-target.js'
import { shapesOf } from './table-shape.js'

export interface SinkPlanning {
  readonly chosen: readonly ChosenSink[]
  /** What holds for every sink. */
  readonly config: Pick<CheckedConfig, 'filters' | 'transforms' | 'hashKey'>
  readonly drivers: readonly DiscoveredDriver[]
  readonly redactor: Redactor
  readonly now: number
}

/** Finds the driver of each sink and checks its options. Nothing is connected; what is wrong is told of every sink. */
export async function planConfigSinks(
  planning: SinkPlanning,
): Promise<{ readonly sinks: readonly PlannedSink[]; readonly problems: readonly Problem[] }> {
  const sinks: PlannedSink[] = []
  const problems: Problem[] = []
  for (const { config, place, isGiven } of planning.chosen) {
    try {
      sinks.push(await planConfigSink(config, planning))
    } catch (error) {
      problems.push({ path: place, message: planning.redactor.mask(errorLine(error)), isGiven })
    }
  }
  return { sinks, problems }
}

async function planConfigSink(config: SinkConfig, planning: SinkPlanning): Promise<PlannedSink> {
  const { drivers, redactor, now } = planning
  const definition =
    config.url === undefined ? await driverNamed(drivers, config.driver ?? '') : await findDriver(drivers, config.url)
  const target = sinkTarget(config, definition)
  redactor.add(secretsOf(definition.config, target))
  const { maxBatchEvents, maxBatchBytes, name } = config
  const { stages, registry } = reshaping(config, planning.config)
  const options: SinkOptions = {
    name,
    stages,
    ...(maxBatchEvents !== undefined && { maxBatchEvents }),
    ...(maxBatchBytes !== undefined && { maxBatchBytes }),
  }
  return {
    // What was checked is written as a URL and read again: all that a driver takes fits into its URL.
    sink: sink(definition, definition.format(target), options),
    destination: redactor.mask(maskUrl(definition.format(target))),
    settings: settingsOf(config, now),
    ...(registry && { registry }),
  }
}

async function driverNamed(drivers: readonly DiscoveredDriver[], name: string): Promise<DriverDefinition> {
  const definitions = await Promise.all(drivers.map((driver) => driver.load()))
  const found = definitions.find((definition) => definition.name === name)
  if (found) return found
  const names = definitions.map((definition) => definition.name).join(', ')
  throw new EdsError('configuration', `there is no driver "${name}"`, { fix: `installed are ${names}` })
}

function reshaping(
  own: SinkConfig,
  config: SinkPlanning['config'],
): Pick<PlannedSink, 'registry'> & Required<Pick<SinkOptions, 'stages'>> {
  const filters = [config.filters ?? [], own.filters ?? []].flat()
  const shapes = shapesOf([...(config.transforms ?? []), ...(own.transforms ?? [])])
  if (filters.length === 0 && shapes.isEmpty) return { stages: [] }
  return {
    stages: [reshapeStage({ filters, shapes, hashKey: config.hashKey })],
    registry: (registry) => reshapedRegistry(registry, shapes, filters),
  }
}

function settingsOf({ start, onError, linger }: SinkConfig, now: number): NonNullable<PlannedSink['settings']> {
  const lingerMs = linger === undefined ? undefined : parseDuration(linger)
  const place = start === undefined ? undefined : parseStart(start, now)
  return {
    ...(place && { start: place }),
    ...(onError !== undefined && { onError }),
    ...(lingerMs !== undefined && { lingerMs }),
  }
}
