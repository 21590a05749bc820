import { EdsError, formatUrl, parseUrl } from '@eds/core'
import socketio, { type SocketioConfig } from '@eds/driver-socketio'
import type { z } from 'zod'
import type { DatabaseKind } from '../host/database-source.js'

/** Who may see what, as it was written. */
export interface SocketSettings {
  /** JSON: table → column, columns or `"*"`. */
  readonly routing: string
  /** `table.column`, separated by commas. */
  readonly filters: string
  readonly authTable: string
  readonly authColumn: string
  readonly republish: boolean
  /** The token `TEST` is accepted. */
  readonly development: boolean
  /** More parameters of a `socketio://` URL: `adapter=redis&redisUrl=…`. */
  readonly more: string
}

const writtenAs: Readonly<Record<string, string>> = {
  routing: 'TABLE_AUTH_COLUMN_ROUTING (--routing)',
  filters: 'FILTERS (--filters)',
  authTable: 'AUTH_TABLE (--auth-table)',
  authColumn: 'AUTH_COLUMN (--auth-column)',
}

/**
 * The configuration of the driver. Tokens are looked up in the database whose changes are sent, unless `more` says otherwise. What is
 * wrong goes to `problems`.
 */
export function socketConfig(
  { more, ...settings }: SocketSettings,
  database: { readonly kind: DatabaseKind; readonly url: string } | undefined,
  problems: string[],
): SocketioConfig | undefined {
  const added = parameters(more, problems)
  const lookup = database === undefined ? {} : lookupOf(database, 'jwksUrl' in added)
  const parsed = socketio.config.safeParse({ ...settings, ...lookup, ...added })
  if (parsed.success) return parsed.data
  for (const issue of parsed.error.issues) {
    const name = String(issue.path[0])
    problems.push(`${writtenAs[name] ?? `--socketio ${name}`} ${messageOf(issue)}`)
  }
  return undefined
}

/** Of an option that takes text or a value, what is wrong with the text. */
function messageOf(issue: z.core.$ZodIssue): string {
  const [ofText] = issue.code === 'invalid_union' ? (issue.errors[0] ?? []) : []
  return ofText?.message ?? issue.message
}

function lookupOf({ kind, url }: { readonly kind: DatabaseKind; readonly url: string }, hasJwks: boolean) {
  const source = kind === 'postgres' ? 'postgres' : parseUrl(url).path.slice(1)
  return { source, ...(!hasJwks && { authUrl: lookupUrl(url, kind) }) }
}

/**
 * The database's URL for the client library that looks tokens up: escaped, and with `sslmode` meaning what it means to PostgreSQL's own
 * tools and to the capture (`uselibpqcompat` in the README of pg-connection-string).
 */
function lookupUrl(url: string, kind: DatabaseKind): string {
  const parts = parseUrl(url)
  const isCompatible = kind === 'postgres' && parts.query.sslmode !== undefined
  return formatUrl(isCompatible ? { ...parts, query: { uselibpqcompat: 'true', ...parts.query } } : parts)
}

function parameters(text: string, problems: string[]): Readonly<Record<string, unknown>> {
  if (text === '') return {}
  try {
    const parsed = socketio.parse(`socketio:///socket.io?${text}`)
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : {}
  } catch (error) {
    if (!(error instanceof EdsError)) throw error
    problems.push(`--socketio: ${error.message}: ${error.fix ?? 'write it as name=value&name=value'}`)
    return {}
  }
}
