import { EdsError, type EdsErrorOptions, type ErrorCode, isEdsError } from '@eds/core'

export interface ErrorPlace {
  readonly table?: string
  readonly index?: number
}

interface Verdict {
  readonly code: ErrorCode
  readonly fix?: string
  readonly retryAfterMs?: number
}

const checkLogin: Verdict = { code: 'authentication', fix: 'check login and password in the URL' }
const missingRight: Verdict = {
  code: 'authentication',
  fix: 'GRANT what is missing to the user of EDS; see the README for the list',
}
const readOnly: Verdict = { code: 'connection', fix: 'the database is read-only: connect to the primary' }
/** Room is made while EDS waits, and then everything goes on by itself: nothing is lost by trying again. */
const full: Verdict = { code: 'connection', fix: 'make room for the database: its files, its log or its quota is full' }
const again: Verdict = { code: 'connection' }
/** https://learn.microsoft.com/azure/azure-sql/database/troubleshoot-common-errors-issues asks for ten seconds. */
const throttled: Verdict = { code: 'throttled', retryAfterMs: 10_000 }
const changed: Verdict = { code: 'schema' }
const record: Verdict = { code: 'record' }
const unsupported: Verdict = { code: 'unsupported' }

/**
 * Error number → what it means for a batch. Numbers: `sys.messages`, and
 * https://learn.microsoft.com/sql/relational-databases/errors-events/database-engine-events-and-errors
 */
const verdicts = new Map<number, Verdict>()
const rules: readonly (readonly [verdict: Verdict, ...numbers: number[]])[] = [
  [checkLogin, 18450, 18452, 18456, 18470, 18486, 18487, 18488],
  [missingRight, 229, 230, 262, 300, 916, 1088, 2571, 15247],
  [{ code: 'configuration', fix: 'create the database, or correct its name in the URL' }, 911],
  [
    { code: 'authentication', fix: 'check the name of the database in the URL, and that the login may use it' },
    4060,
    4064,
  ],
  [{ code: 'configuration', fix: 'create the schema, or correct ?schema= in the URL' }, 2760],
  [readOnly, 3906, 3908, 978, 979],
  [full, 1101, 1105, 9002, 40544, 3257],
  // Deadlock, lock timeout, snapshot conflict; no more memory, locks, workers; shutting down, recovering, failing over.
  [
    again,
    1204,
    1205,
    1222,
    3960,
    701,
    802,
    8645,
    8651,
    6005,
    6002,
    596,
    921,
    922,
    927,
    945,
    976,
    983,
    17197,
    42108,
    42109,
  ],
  [again, 40197, 40613, 40143, 40166, 40540, 4221, 615, 617, 669, 823, 824, 829, 233, 64, 10053, 10054, 10060],
  [throttled, 40501, 49918, 49919, 49920, 10928, 10929, 10936, 40550, 40551, 40552, 40553, 40549],
  [changed, 207, 208, 213, 257, 260, 1911, 3701, 4902, 4924, 8101, 8169],
  // A value that does not fit; a row that a constraint, a unique index or a trigger refuses.
  [
    record,
    2627,
    2601,
    515,
    547,
    550,
    8152,
    2628,
    220,
    232,
    241,
    242,
    244,
    245,
    248,
    295,
    296,
    8114,
    8115,
    8134,
    1946,
    511,
  ],
  [record, 8623, 50000, 3609],
  [unsupported, 2714, 1750, 1913, 3726, 4901, 1702, 1701, 102, 156],
]
for (const [verdict, ...numbers] of rules) for (const number of numbers) verdicts.set(number, verdict)

/** Codes of tedious, and of Node.js behind them. */
const clientCodes: readonly (readonly [pattern: RegExp, verdict: Verdict])[] = [
  [
    /CERT|^UNABLE_TO_|SELF_SIGNED|^ERR_TLS_/,
    {
      code: 'configuration',
      fix: 'give the server a certificate that this machine trusts, or use ?trustServerCertificate=true',
    },
  ],
  [/^EENCRYPT$/, { code: 'configuration', fix: 'the server demands encryption: use ?encrypt=true' }],
  [/^ELOGIN$|^EFEDAUTH$/, checkLogin],
  [/^(?:ESOCKET|ECONN|ECLOSE|EINSTLOOKUP|EINVALIDSTATE|ECANCEL|EPIPE|EHOST|ENET|EAI_|ENOTFOUND|EPROTO|ERR_SSL)/, again],
]

/** Whatever was thrown while talking to SQL Server → the error of the contract. Never holds a secret. */
export function toSqlServerError(error: unknown, place: ErrorPlace = {}): EdsError {
  if (isEdsError(error)) return error
  const { code: errorCode, fix, retryAfterMs } = verdictOn(error)
  const { number, code } = factsOf(error)
  const message = error instanceof Error ? error.message || code || error.name : String(error)
  const { table, index } = place
  const facts = [number === undefined ? code : `error ${number}`, table && `table "${table}"`].filter(Boolean)
  const options: EdsErrorOptions = {
    cause: error,
    ...(fix === undefined ? {} : { fix }),
    ...(table === undefined ? {} : { table }),
    ...(index === undefined ? {} : { index }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  }
  return new EdsError(errorCode, `SQL Server: ${message}${facts.length === 0 ? '' : ` (${facts.join(', ')})`}`, options)
}

/** The same for making or changing tables, where nothing is the fault of an event. */
export function toMigrationError(error: unknown): EdsError {
  const known = toSqlServerError(error)
  if (known.code !== 'record' && known.code !== 'schema') return known
  const options = { cause: error, ...(known.table === undefined ? {} : { table: known.table }) }
  return new EdsError('unsupported', known.message, { ...options, fix: 'make the table by hand, or leave it out' })
}

function verdictOn(error: unknown): Verdict {
  const { number, code } = factsOf(error)
  const known = number === undefined ? undefined : verdicts.get(number)
  if (known !== undefined) return known
  const cause = codeOf(error instanceof Error ? error.cause : undefined)
  // The class of certificate errors is told by what lies behind tedious's ESOCKET.
  const rule = clientCodes.find(([pattern]) => [cause, code].some((text) => text !== undefined && pattern.test(text)))
  if (rule !== undefined) return rule[1]
  if (code === 'ETIMEOUT') return { code: 'timeout', fix: 'raise requestTimeoutMs, or find out what blocks the table' }
  return { code: 'unknown' }
}

function factsOf(error: unknown): { readonly number: number | undefined; readonly code: string | undefined } {
  const number = typeof error === 'object' && error !== null && 'number' in error ? error.number : undefined
  return { number: typeof number === 'number' ? number : undefined, code: codeOf(error) }
}

function codeOf(error: unknown): string | undefined {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
  return typeof code === 'string' && code !== '' ? code : undefined
}

/** Line of the batch text that the server stopped at, from 1. */
export function lineOf(error: unknown): number | undefined {
  const line = typeof error === 'object' && error !== null && 'lineNumber' in error ? error.lineNumber : undefined
  return typeof line === 'number' && line > 0 ? line : undefined
}
