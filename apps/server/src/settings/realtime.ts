import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { maskUrl, parseUrl } from '@eds/core'
import type { SocketioConfig } from '@eds/driver-socketio'
import { z } from 'zod'
import type { CommandCall } from '../command.js'
import { usageError } from '../exit-codes.js'
import { errorLine } from '../failure.js'
import { captureModes, type DatabaseKind, databaseKind } from '../host/database-source.js'
import { flag, readOptions, text, texts } from './option-types.js'
import {
  environmentDatabase,
  isOn,
  type RealtimeEnvironment,
  readRealtimeEnvironment,
  splitList,
} from './realtime-environment.js'
import { type SocketSettings, socketConfig } from './realtime-sockets.js'
import { readServerSettings, type ServerSettings } from './server.js'

const realtimeOptions = z.object({
  source: text.optional(),
  mode: text.optional(),
  tables: texts.optional(),
  authTable: text.optional(),
  authColumn: text.optional(),
  filters: texts.optional(),
  routing: text.optional(),
  socketio: text.optional(),
  securityToken: text.optional(),
  defaultSource: text.optional(),
  allowRepublishing: flag.optional(),
  outboxTable: text.optional(),
  sslCert: text.optional(),
  sslKey: text.optional(),
  development: flag.optional(),
  removeEsinkTriggers: flag.optional(),
  port: text.optional(),
  host: text.optional(),
})
type RealtimeOptions = z.infer<typeof realtimeOptions>

/** What `eds realtime` was told, by flags and by esink's variables. */
export interface RealtimeSettings {
  /** What every server has; `urls` are the destinations besides the sockets. */
  readonly server: ServerSettings
  readonly database: { readonly kind: DatabaseKind; readonly url: string }
  /** One of the database's; absent: what the server and our rights allow. */
  readonly mode?: string
  /** Absent: all. */
  readonly tables?: readonly string[]
  readonly outboxTable: string
  readonly sockets: SocketioConfig
  /** A secret; absent: nobody may publish. */
  readonly securityToken?: string
  /** `source` of published events that name none. */
  readonly defaultSource: string
  readonly removesEsink: boolean
}

/**
 * Reads the command line and the environment; a flag wins over its variable. The redactor learns the secrets.
 *
 * @throws CommandFailure (exit code 3) that tells everything that is wrong
 */
export async function readRealtimeSettings(call: CommandCall): Promise<RealtimeSettings> {
  const options = readOptions(realtimeOptions, call)
  const values = readRealtimeEnvironment(call.io.environment)
  const problems: string[] = []
  const url = options.source ?? environmentDatabase(values, problems)
  const securityToken = options.securityToken ?? values.SECURITY_TOKEN
  call.redactor.add([...secretsIn(url), ...(securityToken === undefined ? [] : [securityToken])])
  const kind = kindOf(url, problems)
  checkModeOf(options.mode, kind, problems)
  const http = {
    host: options.host ?? '0.0.0.0',
    port: readPort(options.port ?? values.PORT ?? '80', options, problems),
    ...readTls(call, options, values, problems),
  }
  const database = url === undefined || kind === undefined ? undefined : { url, kind }
  const sockets = socketConfig(socketSettings(options, values), database, problems)
  // The server's own options, without the port: its variable is read as esink reads it.
  const server = await readServerSettings(withoutPort(call), { isOptional: true }).catch((error: unknown) => {
    problems.push(errorLine(error))
    return undefined
  })
  if (!database || !sockets || !server || problems.length > 0) throw usageError(problems.join('; '))
  const tables = options.tables ?? splitList(values.TABLE_NAMES)
  return {
    server: { ...server, http, remarks: remarksOn(options, values) },
    database,
    outboxTable: options.outboxTable ?? values.MYSQL_TABLE_TARGET ?? 'pub_events',
    sockets,
    defaultSource: options.defaultSource ?? values.DEFAULT_SOURCE ?? 'api',
    removesEsink: options.removeEsinkTriggers ?? false,
    ...(tables.length > 0 && { tables }),
    ...(options.mode !== undefined && { mode: options.mode }),
    ...(securityToken !== undefined && { securityToken }),
  }
}

function socketSettings(options: RealtimeOptions, values: RealtimeEnvironment): SocketSettings {
  return {
    routing: options.routing ?? values.TABLE_AUTH_COLUMN_ROUTING ?? '',
    filters: options.filters?.join(',') ?? values.FILTERS ?? '',
    authTable: options.authTable ?? values.AUTH_TABLE ?? 'auth',
    authColumn: options.authColumn ?? values.AUTH_COLUMN ?? 'token',
    republish: options.allowRepublishing ?? isOn(values.ALLOW_REPUBLISHING),
    // Not when NODE_ENV is missing: a forgotten variable must not let strangers in.
    development: options.development ?? values.NODE_ENV === 'development',
    more: options.socketio ?? '',
  }
}

function kindOf(url: string | undefined, problems: string[]): DatabaseKind | undefined {
  if (url === undefined) {
    if (problems.length === 0)
      problems.push('no database: set POSTGRES_DATABASE_URL or MYSQL_DATABASE, or give --source')
    return undefined
  }
  try {
    return databaseKind(url)
  } catch (error) {
    problems.push(error instanceof Error ? error.message : maskUrl(url))
    return undefined
  }
}

function checkModeOf(mode: string | undefined, kind: DatabaseKind | undefined, problems: string[]): void {
  const modes: readonly string[] = kind === undefined ? [] : captureModes[kind]
  if (mode === undefined || kind === undefined || modes.includes(mode)) return
  problems.push(`--mode ${JSON.stringify(mode)} must be one of ${modes.join(', ')}`)
}

function readPort(value: string, { port: given }: RealtimeOptions, problems: string[]): number {
  const port = /^\d+$/.test(value) ? Number(value) : Number.NaN
  if (port <= 65_535) return port
  problems.push(`${given === undefined ? 'PORT' : '--port'} is ${JSON.stringify(value)}, which is no port`)
  return 0
}

function readTls(call: CommandCall, options: RealtimeOptions, values: RealtimeEnvironment, problems: string[]) {
  const isGiven = options.sslCert !== undefined || options.sslKey !== undefined
  if (!isGiven && !isOn(values.USE_SSL)) return {}
  const pem = (value: string | undefined, variable: string, name: string): string => {
    if (value === undefined)
      problems.push(`TLS is on, but ${variable} (${name}) is missing: name a PEM file, or give its text`)
    if (value === undefined || value.includes('-----BEGIN ')) return value?.replaceAll('\\n', '\n') ?? ''
    try {
      return readFileSync(resolve(call.io.workingDirectory, value), 'utf8')
    } catch (error) {
      problems.push(`${variable}: cannot read ${value} (${(error as NodeJS.ErrnoException).code})`)
      return ''
    }
  }
  const cert = pem(options.sslCert ?? values.SSL_CERT, 'SSL_CERT', 'the certificate, --ssl-cert')
  const key = pem(options.sslKey ?? values.SSL_KEY, 'SSL_KEY', 'its key, --ssl-key')
  return { tls: { cert, key } }
}

function remarksOn(options: RealtimeOptions, values: RealtimeEnvironment): string[] {
  if (options.source !== undefined || values.MYSQL_DATABASE === undefined || values.POSTGRES_DATABASE_URL === undefined)
    return []
  return ['MYSQL_DATABASE is set, so POSTGRES_DATABASE_URL is not used']
}

function secretsIn(url: string | undefined): string[] {
  try {
    const { password } = parseUrl(url ?? '')
    return password === undefined ? [] : [password]
  } catch {
    return []
  }
}

function withoutPort(call: CommandCall): CommandCall {
  const { PORT: _, ...environment } = call.io.environment
  const { port: __, ...options } = call.options
  return { ...call, options, io: { ...call.io, environment } }
}
