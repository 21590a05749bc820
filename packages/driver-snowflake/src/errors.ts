import { EdsError, type EdsErrorOptions, type ErrorCode, isEdsError } from '@eds/core'

export interface ErrorPlace {
  /** The table concerned. */
  readonly table?: string
}

type Rule = readonly [pattern: RegExp, code: ErrorCode, fix?: string]

const rights = 'GRANT what is missing to the role that EDS uses; see the README for the list'

/**
 * Code of the service (six digits) or of the client library (4xxxxx) → what it means for a batch. The first that matches counts.
 * https://docs.snowflake.com/en/developer-guide/node-js/nodejs-driver-logs and the library's error_code.js.
 */
const codes: readonly Rule[] = [
  [/^3901(?:00|01|02|44)$/, 'authentication', 'check user, password or key, and the account in the URL'],
  [/^3901(?:04|1[0-4])$/, 'connection'],
  [/^390201$/, 'configuration', 'check warehouse, database, schema and role in the URL'],
  [/^390/, 'authentication', 'check user, password or key, role, and the network policy of the account'],
  [/^002003$/, 'schema'],
  [/^(?:000904|001430|002002|002020|002023|002025|002028)$/, 'schema'],
  [/^00300[0-9]$|^003041$/, 'authentication', rights],
  [
    /^000606$/,
    'connection',
    'resume the warehouse, let it resume by itself (AUTO_RESUME = TRUE), or name one with ?warehouse=',
  ],
  [
    /^000609$|^090073$/,
    'connection',
    'see why the warehouse does not start: its resource monitor may have used up its quota',
  ],
  [/^(?:000630|000604)$/, 'timeout', 'raise statementTimeoutMs, or find out what holds the table'],
  [/^000625$/, 'throttled'],
  [/^0906\d\d$/, 'connection'],
  [/^100\d{3}$/, 'record'],
  [/^00100[37]$/, 'unsupported'],
  [/^40100[1-9]$|^40200[12]$|^407\d{3}$/, 'connection'],
  [/^(?:404|405)\d{3}$/, 'configuration', 'check the account and the options in the URL'],
]

/** Codes of Node.js's network and name resolution. */
const networkCodes =
  /^(?:ECONN|EPIPE|ETIMEDOUT|EHOST|ENET|EAI_|ENOTFOUND|EPROTO|ERR_SSL|ERR_STREAM|ERR_NETWORK|ERR_CANCELED|ABORT_ERR)/

/** Codes of a certificate that was refused. */
const certificateCodes = /CERT|^UNABLE_TO_|SELF_SIGNED|^ERR_TLS_|^ERR_OCSP/

const longestMessage = 500

/** Whatever was thrown while talking to Snowflake → the error of the contract. Never holds a secret. */
export function toSnowflakeError(error: unknown, { table }: ErrorPlace = {}): EdsError {
  if (isEdsError(error)) return error
  const code = codeOf(error)
  const text = messageOf(error) || code || 'failed without saying why'
  const message = text.replaceAll(/\s*\n\s*/g, ' ').slice(0, longestMessage)
  const [errorCode, fix] = classify(error, code)
  const facts = [code && `code ${code}`, table && `table "${table}"`].filter(Boolean)
  const options: EdsErrorOptions = {
    cause: withoutRequest(error),
    ...(fix === undefined ? {} : { fix }),
    ...(table === undefined ? {} : { table }),
  }
  return new EdsError(errorCode, `Snowflake: ${message}${facts.length === 0 ? '' : ` (${facts.join(', ')})`}`, options)
}

/** The same for making or changing tables, where nothing is the fault of an event. */
export function toMigrationError(error: unknown, place: ErrorPlace = {}): EdsError {
  const known = toSnowflakeError(error, place)
  const code = codeOf(isEdsError(error) ? error.cause : error)
  const options = { cause: error, ...(known.table === undefined ? {} : { table: known.table }) }
  if (code === '002003') return new EdsError('authentication', known.message, { ...options, fix: rights })
  if (known.code !== 'record') return known
  return new EdsError('unsupported', known.message, { ...options, fix: 'make the table by hand, or leave it out' })
}

/** Answers of a service that is well, so that its session can go on. */
const sessionLives = /^0\d{5}$|^1\d{5}$/

/** True when the session behind the error cannot be used any more, or nobody knows what became of the statement. */
export function breaksSession(error: EdsError): boolean {
  const code = codeOf(error.cause)
  return code === undefined ? error.retryable : error.retryable && !sessionLives.test(code)
}

function classify(error: unknown, code: string | undefined): readonly [ErrorCode, string?] {
  const inner = chainOf(error).map((one) => textField(one, 'code'))
  if (inner.some((one) => one !== undefined && certificateCodes.test(one))) {
    return ['configuration', 'the certificate of the host is not to be trusted: check ?host= and what stands between']
  }
  if (inner.some((one) => one !== undefined && networkCodes.test(one))) return ['connection']
  const status = statusOf(error)
  if (status === 403 || status === 404) return ['configuration', 'there is no such account: check the URL']
  if (status === 429) return ['throttled']
  const [, found = 'unknown', fix] = codes.find(([pattern]) => code !== undefined && pattern.test(code)) ?? []
  return fix === undefined ? [found] : [found, fix]
}

/** Codes are texts from the service and numbers from the client library. */
function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined
  const { code } = error
  if (typeof code !== 'string' && typeof code !== 'number') return undefined
  return /^\d+$/.test(String(code)) ? String(code).padStart(6, '0') : String(code)
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** The error and what caused it. */
function chainOf(error: unknown): object[] {
  const chain: object[] = []
  for (let one = error; typeof one === 'object' && one !== null && chain.length < 5; ) {
    chain.push(one)
    one = 'cause' in one ? one.cause : undefined
  }
  return chain
}

function textField(from: object, name: string): string | undefined {
  const value: unknown = Reflect.get(from, name)
  return typeof value === 'string' ? value : undefined
}

function statusOf(error: unknown): number | undefined {
  for (const one of chainOf(error)) {
    const response: unknown = Reflect.get(one, 'response')
    if (typeof response !== 'object' || response === null) continue
    const status: unknown = Reflect.get(response, 'statusCode') ?? Reflect.get(response, 'status')
    if (typeof status === 'number') return status
  }
  return undefined
}

/** The client library hangs requests and answers on its errors; tokens are in them. */
function withoutRequest(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  const plain = new Error(error.message)
  plain.name = error.name
  const code = codeOf(error)
  return code === undefined ? plain : Object.assign(plain, { code })
}
