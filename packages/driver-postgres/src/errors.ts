import { EdsError, type EdsErrorOptions, type ErrorCode, isEdsError } from '@eds/core'

/** What the server says besides its message (https://www.postgresql.org/docs/current/protocol-error-fields.html). */
interface ServerFields {
  readonly code?: string
  readonly table?: string
  readonly column?: string
  readonly constraint?: string
}

export interface ErrorPlace {
  /** The table concerned, when the caller knows it better than the server. */
  readonly table?: string
  readonly index?: number
}

type Rule = readonly [pattern: RegExp, code: ErrorCode, fix?: string]

/** SQLSTATE → what it means for a batch. The first that matches counts. */
const sqlStates: readonly Rule[] = [
  [/^28P01|^28000/, 'authentication', 'check user name, password and pg_hba.conf'],
  [/^28/, 'authentication'],
  [/^42501/, 'authentication', 'GRANT what is missing to the role that EDS uses; see the README for the list'],
  [/^3D000/, 'configuration', 'create the database, or correct its name in the URL'],
  [/^3F000/, 'configuration', 'create the schema, or correct ?schema= in the URL'],
  [/^25006/, 'connection', 'the server is read-only; list the primary among the hosts of the URL'],
  [/^(?:08|53|57P|58|40|25P0)/, 'connection'],
  [/^55/, 'connection'],
  [/^57014/, 'timeout', 'raise statementTimeoutMs, or find out what blocks the table'],
  [/^(?:42P01|42703|42P10|42704|42804|42846)/, 'schema'],
  [/^(?:21|22|23|44|54|P0)/, 'record'],
  [/^2BP01/, 'unsupported', 'drop what depends on the table first, or import without replacing it'],
  [/^0A/, 'unsupported'],
]

/** Codes of Node.js's network and name resolution. */
const networkCodes = /^(?:ECONN|EPIPE|ETIMEDOUT|EHOST|ENET|EAI_|ENOTFOUND|ENOENT|EACCES|EPROTO|ERR_SSL|ERR_STREAM)/

/** Codes of a certificate that was refused. */
const certificateCodes = /CERT|^UNABLE_TO_|SELF_SIGNED|^ERR_TLS_/

/** Messages of the client library, which gives no codes for these. */
const clientMessages: readonly Rule[] = [
  [/does not support SSL/, 'configuration', 'use ?sslmode=disable, or switch TLS on at the server'],
  [/establishing an SSL connection/, 'connection'],
  [/SASL|password must be/, 'authentication', 'check user name and password in the URL'],
  [/Connection terminated|not queryable|timeout expired|connection error/i, 'connection'],
]

/** Whatever was thrown while talking to PostgreSQL → the error of the contract. Never holds a secret. */
export function toPostgresError(error: unknown, place: ErrorPlace = {}): EdsError {
  if (isEdsError(error)) return error
  const { code, table = place.table, column, constraint } = fieldsOf(error)
  const message = error instanceof Error ? error.message || code || error.name : String(error)
  const [errorCode, fix] = classify(code, message)
  const facts = [
    code && `code ${code}`,
    table && `table "${table}"`,
    column && `column "${column}"`,
    constraint && `constraint "${constraint}"`,
  ].filter(Boolean)
  const options: EdsErrorOptions = {
    cause: error,
    ...(fix === undefined ? {} : { fix }),
    ...(table === undefined ? {} : { table }),
    ...(place.index === undefined ? {} : { index: place.index }),
  }
  return new EdsError(errorCode, `PostgreSQL: ${message}${facts.length === 0 ? '' : ` (${facts.join(', ')})`}`, options)
}

/** The same for making or changing tables, where nothing is the fault of an event. */
export function toMigrationError(error: unknown): EdsError {
  const known = toPostgresError(error)
  const { code } = fieldsOf(isEdsError(error) ? error.cause : error)
  if (known.code !== 'record' && known.code !== 'schema' && !code?.startsWith('42')) return known
  if (known.code === 'authentication') return known
  const options = { cause: error, ...(known.table === undefined ? {} : { table: known.table }) }
  return new EdsError('unsupported', known.message, { ...options, fix: 'make the table by hand, or leave it out' })
}

function classify(code: string | undefined, message: string): readonly [ErrorCode, string?] {
  if (code !== undefined && certificateCodes.test(code)) {
    return ['configuration', 'set ?sslrootcert= to the authority’s PEM file, or choose a laxer sslmode']
  }
  if (code !== undefined && networkCodes.test(code)) return ['connection']
  const rules = code === undefined ? clientMessages : sqlStates
  const [, found = 'unknown', fix] = rules.find(([pattern]) => pattern.test(code ?? message)) ?? []
  return fix === undefined ? [found] : [found, fix]
}

function fieldsOf(error: unknown): ServerFields {
  if (typeof error !== 'object' || error === null) return {}
  const { code, table, column, constraint } = error as Record<string, unknown>
  const text = { code, table, column, constraint }
  return Object.fromEntries(Object.entries(text).filter(([, value]) => typeof value === 'string' && value !== ''))
}

/**
 * Line of the COPY data that an error's context names, from 1. The context is in the server's language, so only the name of the
 * relation and the number behind it are looked at.
 */
export function copyLineOf(error: unknown, relation: string): number | undefined {
  const where = typeof error === 'object' && error !== null && 'where' in error ? String(error.where) : ''
  const start = `\n${where}`.indexOf(`\nCOPY ${relation}, `)
  if (start < 0) return undefined
  const [, line] = /^\D*(\d+)/.exec(where.slice(start + `COPY ${relation}, `.length)) ?? []
  return line === undefined ? undefined : Number(line)
}
