import {
  type DiscoveredDriver,
  EdsError,
  findDriver,
  maskUrl,
  parseSinkUrl,
  type SchemaRegistry,
  type Sink,
  type SinkOptions,
  secretsOf,
  sink,
} from '@eds/core'
import type { Redactor } from '../redactor.js'
import type { ServerSettings } from '../settings/server.js'
import { type NamedUrl, sinkNameFor } from '../settings/sink-name.js'

/** A sink, and what may be told about it. */
export interface PlannedSink {
  readonly sink: Sink
  /** Masked. */
  readonly destination: string
  /** What goes for this sink in place of the server's settings. */
  readonly settings?: Partial<Pick<ServerSettings, 'start' | 'onError' | 'lingerMs'>>
  /** The registry as this sink sees it; default: as it is. */
  readonly registry?: (registry: SchemaRegistry) => SchemaRegistry
}

/**
 * Finds each destination's driver, reads its URL and names it. Nothing is connected. The redactor learns the secrets.
 *
 * @throws EdsError `configuration` for a missing driver, a wrong URL, or two sinks that cannot be told apart.
 */
export async function planSinks(
  urls: readonly NamedUrl[],
  drivers: readonly DiscoveredDriver[],
  redactor: Redactor,
  optionsFor: (name: string) => SinkOptions = () => ({}),
): Promise<PlannedSink[]> {
  const planned: PlannedSink[] = []
  for (const url of urls) {
    const next = await planSink(url, drivers, redactor, optionsFor)
    const twin = planned.find(({ sink }) => sink.name === next.sink.name)
    if (twin) {
      throw new EdsError(
        'configuration',
        `two destinations are named "${twin.sink.name}": ${twin.destination} and ${next.destination}`,
        { fix: 'name them, for instance --url first=… --url second=…' },
      )
    }
    planned.push(next)
  }
  return planned
}

/** One destination, as {@link planSinks} does. */
export async function planSink(
  { name: given, url }: NamedUrl,
  drivers: readonly DiscoveredDriver[],
  redactor: Redactor,
  optionsFor: (name: string) => SinkOptions = () => ({}),
): Promise<PlannedSink> {
  const definition = await findDriver(drivers, url)
  const config = parseSinkUrl(definition, url)
  redactor.add(secretsOf(definition.config, config))
  const name = given ?? sinkNameFor(definition.name, url)
  return { sink: sink(definition, url, { ...optionsFor(name), name }), destination: redactor.mask(maskUrl(url)) }
}
