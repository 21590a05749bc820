import {
  type DiscoveredDriver,
  EdsError,
  findDriver,
  maskUrl,
  parseSinkUrl,
  type Sink,
  type SinkOptions,
  secretsOf,
  sink,
} from '@eds/core'
import type { Redactor } from '../redactor.js'
import { type NamedUrl, sinkNameFor } from '../settings/sink-name.js'

/** A sink, and what may be told about it. */
export interface PlannedSink {
  readonly sink: Sink
  /** Masked. */
  readonly destination: string
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
  for (const { name: given, url } of urls) {
    const definition = await findDriver(drivers, url)
    const config = parseSinkUrl(definition, url)
    redactor.add(secretsOf(definition.config, config))
    const name = given ?? sinkNameFor(definition.name, url)
    const destination = redactor.mask(maskUrl(url))
    const twin = planned.find(({ sink }) => sink.name === name)
    if (twin) {
      throw new EdsError(
        'configuration',
        `two destinations are named "${name}": ${twin.destination} and ${destination}`,
        {
          fix: 'name them, for instance --url first=… --url second=…',
        },
      )
    }
    planned.push({ sink: sink(definition, url, { ...optionsFor(name), name }), destination })
  }
  return planned
}
