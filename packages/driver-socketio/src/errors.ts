import { EdsError, type EdsErrorOptions, type ErrorCode, isEdsError, maskText } from '@eds/core'

type Verdict = readonly [code: ErrorCode, fix?: string]

const noAccess: Verdict = ['authentication', 'check user and password, and the right to read the table of the tokens']
const noTable: Verdict = ['configuration', 'check authTable, authColumn and authIdColumn; upper and lower case differ']
const portTaken: Verdict = ['connection', 'stop what listens there, or choose another port']
const noPort: Verdict = ['configuration', 'choose a port and an address that this account may listen on']

/** Codes of Node, PostgreSQL (SQLSTATE), MySQL, Redis and jose. */
const verdicts: Readonly<Record<string, Verdict>> = {
  EADDRINUSE: portTaken,
  EADDRNOTAVAIL: noPort,
  EACCES: noPort,
  ERR_MODULE_NOT_FOUND: ['configuration', 'install the package that is missing'],
  '28000': noAccess,
  '28P01': noAccess,
  '42501': noAccess,
  '3D000': ['configuration', 'name a database that is there'],
  '3F000': noTable,
  '42P01': noTable,
  '42703': noTable,
  ER_ACCESS_DENIED_ERROR: noAccess,
  ER_DBACCESS_DENIED_ERROR: noAccess,
  ER_TABLEACCESS_DENIED_ERROR: noAccess,
  ER_BAD_DB_ERROR: ['configuration', 'name a database that is there'],
  ER_NO_SUCH_TABLE: noTable,
  ER_BAD_FIELD_ERROR: noTable,
  ERR_JWKS_TIMEOUT: ['timeout'],
  ERR_JWKS_INVALID: ['configuration', 'check jwksUrl'],
}

const network = /^(?:E[A-Z]+|57P0[123]|08\d{3}|53\d{3}|PROTOCOL_CONNECTION_LOST|ER_CON_COUNT_ERROR)$/
const networkText = /connect|socket closed|terminated|timeout|timed out|fetch failed/i
const redisRefusal = /^(?:WRONGPASS|NOAUTH|NOPERM)\b/

/** Whatever is thrown while starting or looking up tokens → the error of the contract. `doing` says what failed, without a secret. */
export function toSocketioError(error: unknown, doing: string): EdsError {
  if (isEdsError(error)) return error
  const message = error instanceof Error ? error.message || String(codeOf(error)) : String(error)
  const [code, fix] = classify(codeOf(error), message)
  const options: EdsErrorOptions = { cause: error, ...(fix === undefined ? {} : { fix }) }
  return new EdsError(code, `socket.io: ${doing}: ${maskText(message)}`, options)
}

function classify(code: string | undefined, message: string): Verdict {
  const known = code !== undefined && Object.hasOwn(verdicts, code) ? verdicts[code] : undefined
  if (known !== undefined) return known
  if (redisRefusal.test(message)) return ['authentication', 'check user and password in redisUrl']
  if (code !== undefined && network.test(code)) return ['connection']
  return networkText.test(message) ? ['connection'] : ['unknown']
}

function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}
