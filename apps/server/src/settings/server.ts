import type { OnError, StartAt } from '@eds/core'
import { z } from 'zod'
import type { CommandCall, CommandIo } from '../command.js'
import { usageError } from '../exit-codes.js'
import { isContainer } from '../host/is-container.js'
import { type CommonSettings, readCommonSettings } from './common.js'
import { type DestinationSettings, readDestinationSettings } from './destination.js'
import { duration, flag, oneOf, readOptions, text, wholeNumber } from './option-types.js'
import { readSourceSettings, type SourceSettings } from './source.js'
import { parseStart } from './start.js'

const port = wholeNumber(0, 65_535)
const serverOptions = z.object({
  start: text.optional(),
  from: text.optional(),
  restart: flag.optional(),
  onError: oneOf('dead-letter', 'halt').optional(),
  minPendingLatency: duration.optional(),
  maxPendingLatency: duration.optional(),
  port: port.optional(),
  healthPort: port.optional(),
  host: text.optional(),
})
type ServerOptions = z.infer<typeof serverOptions>

export interface HttpSettings {
  readonly host: string
  readonly port: number
  /** PEM texts: HTTPS instead of HTTP. */
  readonly tls?: { readonly cert: string; readonly key: string }
}

export interface ServerSettings extends CommonSettings, DestinationSettings {
  readonly source: SourceSettings
  /** For sinks that no one remembers; absent when the user did not say. */
  readonly start?: StartAt
  /** Begin every sink anew, whatever is remembered. */
  readonly restart: boolean
  readonly onError: OnError
  /** How long to wait for a batch to fill; absent: what the driver says. */
  readonly lingerMs?: number
  readonly http: HttpSettings
  /** Things about the command line that deserve a word in the log. */
  readonly remarks: readonly string[]
}

/**
 * Reads what `eds server` was called with, together with the environment and the configuration file.
 *
 * @param isOptional - whether a destination may come later
 */
export async function readServerSettings(
  call: CommandCall,
  { now = Date.now(), isOptional = false }: { now?: number; isOptional?: boolean } = {},
): Promise<ServerSettings> {
  const common = readCommonSettings(call)
  const options = readOptions(serverOptions, call)
  const source = readSourceSettings(call)
  const start = readStart(call, options, now)
  const http = readHttp(options, call.io)
  const destination = await readDestinationSettings(call, common.dataDirectory, { isOptional })
  const lingerMs = options.minPendingLatency ?? options.maxPendingLatency
  return {
    ...common,
    ...destination,
    log: { ...common.log, keepFiles: common.log.keepFiles || destination.keepLogs },
    source,
    restart: options.restart ?? false,
    onError: options.onError ?? 'dead-letter',
    http,
    remarks: options.healthPort === undefined ? [] : ['--health-port is deprecated: use --port'],
    ...(start !== undefined && { start }),
    ...(lingerMs !== undefined && { lingerMs }),
  }
}

function readStart(call: CommandCall, { start, from, restart }: ServerOptions, now: number): StartAt | undefined {
  const given = start ?? from
  if (given === undefined) return restart ? { at: 'beginning' } : undefined
  if (restart)
    throw usageError('--restart begins at the beginning, so it cannot go with --start', 'leave one of them out')
  const parsed = parseStart(given, now)
  if (parsed !== undefined) return parsed
  const option = start === undefined ? 'from' : 'start'
  throw usageError(
    `${call.flagOf(option)} ${JSON.stringify(given)} is no place to start`,
    'write new, beginning, a time such as 2024-07-01T12:00:00Z, or a duration back such as 2h',
  )
}

function readHttp(options: ServerOptions, { environment }: CommandIo): HttpSettings {
  return {
    port: options.port ?? options.healthPort ?? environmentPort(environment.PORT) ?? 8080,
    // In a container loopback is of no use: nobody else is in there.
    host: options.host ?? (isContainer(environment) ? '0.0.0.0' : '127.0.0.1'),
  }
}

function environmentPort(value: string | undefined): number | undefined {
  if (value === undefined || value === '') return undefined
  const parsed = port.safeParse(value)
  if (parsed.success) return parsed.data
  throw usageError(
    `the environment variable PORT is ${JSON.stringify(value)}, which is no port`,
    'set a number, or use --port',
  )
}
