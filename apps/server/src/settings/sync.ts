import { resolve } from 'node:path'
import { z } from 'zod'
import type { CommandCall, CommandIo } from '../command.js'
import { usageError } from '../exit-codes.js'
import { isGoogleAtHand } from '../sync/google-at-hand.js'
import type { ConfigPlace } from '../sync/read-config.js'
import { type CommonSettings, readCommonSettings } from './common.js'
import { flag, oneOf, readOptions, text, wholeNumber } from './option-types.js'
import type { HttpSettings } from './server.js'
import { readSourceSettings, type SourceSettings } from './source.js'

const port = wholeNumber(0, 65_535)
const syncOptions = z.object({
  config: text.optional(),
  store: oneOf('lmdb', 'nats', 'firestore').optional(),
  sink: text.optional(),
  legacyDates: flag.optional(),
  project: text.optional(),
  changes: text.optional(),
  maxBodyBytes: wholeNumber(1).optional(),
  port: port.optional(),
  host: text.optional(),
})

export interface SyncSettings extends CommonSettings {
  readonly config: ConfigPlace
  readonly store: 'lmdb' | 'nats' | 'firestore'
  /** Somebody named the store; otherwise what is at hand decided. */
  readonly isStoreChosen: boolean
  /** Absent: the topic of the configuration. */
  readonly sink?: string
  readonly legacyDates: boolean
  /** Google Cloud project of the credentials. */
  readonly project?: string
  /** Of change events; only asked when the configuration has rules. Paths are absolute. */
  readonly changes: { readonly kind: 'nats' } | { readonly kind: 'files'; readonly path: string }
  /** The NATS servers of the store and of change events. */
  readonly source: SourceSettings
  readonly maxBodyBytes: number
  readonly http: HttpSettings
  /** Answer when an event is stored, without waiting for the message. */
  readonly answerFirst: boolean
  /** Let pages of any origin call. */
  readonly anyOrigin: boolean
}

/** Reads what `eds sync` was called with, together with EventSync's environment variables. */
export function readSyncSettings(call: CommandCall): SyncSettings {
  const common = readCommonSettings(call)
  const options = readOptions(syncOptions, call)
  const { environment, workingDirectory } = call.io
  const { changes = 'nats', sink } = options
  const project = options.project ?? filled(environment.PROJECT_ID) ?? filled(environment.projectID)
  // Whether Cloud Run leaves the CPU to a service between requests cannot be seen from inside: only who knows may switch it on.
  const answerFirst = readSwitch('ASYNC_EVENT_TRIGGER', environment) ?? false
  return {
    ...common,
    config: readConfigPlace(options.config, call.io),
    store: options.store ?? (isGoogleAtHand(environment, project) ? 'firestore' : 'lmdb'),
    isStoreChosen: options.store !== undefined,
    legacyDates: options.legacyDates ?? false,
    changes: changes === 'nats' ? { kind: 'nats' } : { kind: 'files', path: resolve(workingDirectory, changes) },
    source: readSourceSettings(call),
    maxBodyBytes: options.maxBodyBytes ?? 2 ** 20,
    http: { port: options.port ?? readPort(environment) ?? 8080, host: options.host ?? '0.0.0.0' },
    answerFirst,
    anyOrigin: filled(environment.DISABLE_CORS) !== undefined,
    ...(sink !== undefined && { sink }),
    ...(project !== undefined && { project }),
  }
}

function readConfigPlace(file: string | undefined, { environment, workingDirectory }: CommandIo): ConfigPlace {
  if (file !== undefined) return { kind: 'file', path: resolve(workingDirectory, file) }
  const content = filled(environment.CONFIG)
  if (content !== undefined) return { kind: 'environment', text: content }
  throw usageError('no configuration', 'name a file with --config, or put it into the environment variable CONFIG')
}

function filled(value: string | undefined): string | undefined {
  return value === undefined || value === '' ? undefined : value
}

function readSwitch(name: string, environment: CommandIo['environment']): boolean | undefined {
  const value = filled(environment[name])
  if (value === undefined) return undefined
  const parsed = z.stringbool().safeParse(value)
  if (parsed.success) return parsed.data
  throw usageError(`the environment variable ${name} is ${JSON.stringify(value)}`, 'set true or false')
}

function readPort({ PORT }: CommandIo['environment']): number | undefined {
  const value = filled(PORT)
  if (value === undefined) return undefined
  const parsed = port.safeParse(value)
  if (parsed.success) return parsed.data
  throw usageError(`the environment variable PORT is ${JSON.stringify(value)}, which is no port`, 'set a number')
}
