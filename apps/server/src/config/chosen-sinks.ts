import { maskUrl } from '@eds/core'
import type { CommandCall } from '../command.js'
import { sinkNameFor, splitName } from '../settings/sink-name.js'
import type { SinkConfig } from './schema.js'

/** A sink of the file, or of the command line. */
export interface ChosenSink {
  readonly config: SinkConfig
  /** `sinks[0]`, or `--url shop=postgres://…` without its secrets. */
  readonly place: string
  /** Whether the command line names its destination. */
  readonly isGiven: boolean
  /** Where in the file stand its filters and transforms, such as `sinks[0]`. */
  readonly rulePlace: string
}

/** The file's sinks, or `--url` in place of them: one of a name that the file knows keeps everything else that the file says of it. */
export function chosenSinks({ options, operands }: CommandCall, sinks: readonly SinkConfig[]): ChosenSink[] {
  const { url = [] } = options
  const given = [...(Array.isArray(url) ? url.map(String) : []), ...operands].map(splitName)
  if (given.length > 0) return given.map(({ name, url }) => givenSink(url, name, sinks))
  return sinks.map((config, index) => {
    const place = `sinks[${index}]`
    return { config, place, isGiven: false, rulePlace: place }
  })
}

function givenSink(url: string, given: string | undefined, sinks: readonly SinkConfig[]): ChosenSink {
  const index = given === undefined ? -1 : sinks.findIndex((sink) => sink.name === given)
  const { driver: _, options: __, ...known } = sinks[index] ?? { name: '' }
  const name = given ?? sinkNameFor(/^[^:]*/.exec(url)?.[0] ?? '', url)
  return {
    config: { ...known, name, url },
    place: `--url ${given === undefined ? '' : `${given}=`}${maskUrl(url)}`,
    isGiven: true,
    rulePlace: index < 0 ? `sink ${name}` : `sinks[${index}]`,
  }
}
