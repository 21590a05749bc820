import { EdsError, type ErrorCode, isEdsError } from '@eds/core'

type Rule = readonly [pattern: RegExp, code: ErrorCode, fix?: string]

const rights =
  'the role of EDS has to own the tables that it captures, with CREATE on the schema of its own tables (public); for replication also REPLICATION, and CREATE on the database'

/** SQLSTATE → what it means for a source (https://www.postgresql.org/docs/current/errcodes-appendix.html). First match counts. */
const sqlStates: readonly Rule[] = [
  [/^28/, 'authentication', 'check user name, password and pg_hba.conf (replication needs an entry of its own)'],
  [/^42501/, 'authentication', rights],
  [/^3D000/, 'configuration', 'create the database, or correct its name in the URL'],
  [/^3F000/, 'configuration', 'create the schema, or correct the option `schema`'],
  [/^55006/, 'connection', 'stop the other program that reads from this slot; sinks that are named apart do not meet'],
  [/^53400/, 'configuration', 'raise max_replication_slots and max_wal_senders, or drop slots that nobody uses'],
  [/^(?:08|40|53|55|57P|58|25)/, 'connection'],
  [/^57014/, 'timeout'],
  [/^(?:42P01|42703|42704)/, 'connection', 'a table changed under EDS; it looks again'],
  [/^0A/, 'unsupported'],
]

const networkCodes = /^(?:ECONN|EPIPE|ETIMEDOUT|EHOST|ENET|EAI_|ENOTFOUND|ENOENT|EPROTO|ERR_SSL|ERR_STREAM)/

const clientMessages: readonly Rule[] = [
  [/does not support SSL/, 'configuration', 'use ?sslmode=disable, or switch TLS on at the server'],
  [/SASL|password must be/, 'authentication', 'check user name and password in the URL'],
  [/Connection terminated|not queryable|timeout|connection error|was closed/i, 'connection'],
]

/** Whatever was thrown while talking to PostgreSQL → the error of the contract. Never holds a secret. */
export function toSourceError(error: unknown, where: string): EdsError {
  if (isEdsError(error)) return error
  const message = error instanceof Error ? error.message : String(error)
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
  const [found, fix] = classify(code, message)
  const text = `${where}: ${message}${code === undefined ? '' : ` (code ${code})`}`
  return new EdsError(found, text, { cause: error, ...(fix === undefined ? {} : { fix }) })
}

function classify(code: string | undefined, message: string): readonly [ErrorCode, string?] {
  if (code !== undefined && networkCodes.test(code)) return ['connection']
  const rules = code === undefined ? clientMessages : sqlStates
  const [, found = 'unknown', fix] = rules.find(([pattern]) => pattern.test(code ?? message)) ?? []
  return fix === undefined ? [found] : [found, fix]
}

/** What comes next is gone: only a new beginning helps. */
export function gap(message: string): EdsError {
  return new EdsError('gap', message, {
    fix: 'forget the cursor, so that it begins anew with the rows that are there',
  })
}
