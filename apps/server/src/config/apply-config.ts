import { dirname, resolve } from 'node:path'
import type { CommandCall } from '../command.js'
import type { LoadedConfig } from './load-config.js'
import type { CheckedConfig } from './schema.js'

type Options = Readonly<Record<string, unknown>>

/** Options that name a source, and so take the place of one of another kind. */
const streamOptions = ['server', 'creds', 'stream'] as const

/** Where the changes come from: the file's source, or what the command line says in its place. */
export type ChosenSource = CheckedConfig['source']['type']

/**
 * The call as if everything in the file that has an option had been given by it; what was given on the command line holds.
 * Paths in the file are seen from its folder.
 */
export function applyConfig(call: CommandCall, { path, config }: LoadedConfig): CommandCall {
  const pathOf = (file: string) => resolve(dirname(path), file)
  const { schema, start, onError, linger, host, port } = config
  const general = {
    schema: schema?.includes('://') ? schema : schema && pathOf(schema),
    start: isGiven(call.options, 'start', 'from', 'restart') ? undefined : start,
    onError,
    minPendingLatency: call.options.maxPendingLatency === undefined ? linger : undefined,
    host,
    port: call.options.healthPort === undefined ? port?.toString() : undefined,
  }
  const source = chosenSource(call.options, config) === config.source.type ? sourceOptions(config, pathOf) : {}
  return { ...call, options: { ...defined(source), ...defined(general), ...defined(call.options) } }
}

export function chosenSource(options: Options, { source }: CheckedConfig): ChosenSource {
  if (options.source !== undefined) return /^(?:mysql|mariadb):/i.test(String(options.source)) ? 'mysql' : 'postgres'
  return isGiven(options, ...streamOptions) ? 'nats' : source.type
}

function sourceOptions({ source }: CheckedConfig, pathOf: (file: string) => string): Options {
  switch (source.type) {
    case 'nats':
      return {
        server: source.servers === undefined ? undefined : [source.servers].flat(),
        creds: source.credentials === undefined ? undefined : pathOf(source.credentials),
        stream: source.stream,
        companyIds: source.companies,
        consumerSuffix: source.consumerSuffix,
        ack: source.ack,
        maxAckPending: source.maxAckPending?.toString(),
        maxPendingBuffer: source.maxPendingBuffer?.toString(),
      }
    case 'postgres':
    case 'mysql':
      return { source: source.url, mode: source.mode, tables: source.tables }
    default:
      return {}
  }
}

export function isGiven(options: Options, ...names: readonly string[]): boolean {
  return names.some((name) => options[name] !== undefined)
}

function defined(options: Options): Options {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
}
