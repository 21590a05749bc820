import { EdsError, type EdsErrorOptions, type ErrorCode, isEdsError } from '@eds/core'
import { StatementError } from './submission.js'

export interface ErrorPlace {
  readonly table?: string
  readonly index?: number
}

type Meaning = readonly [code: ErrorCode, fix?: string]

const wrongCredentials: Meaning = ['authentication', 'check user name and password in the URL']
const missingRights: Meaning = [
  'authentication',
  'GRANT what is missing to the user of EDS; see the README for the list',
]
const readOnly: Meaning = ['connection', 'the server is read-only; name the primary in the URL']
const noLocalInfile: Meaning = ['unsupported', 'import with ?localInfile=false']

/** Error number → what it means for a batch: https://mariadb.com/kb/en/mariadb-error-code-reference/ and MySQL's own list. */
const groups: readonly (readonly [numbers: readonly number[], meaning: Meaning])[] = [
  [[1045, 1130, 1251, 1698, 1820, 1862, 2059, 3118, 4151], wrongCredentials],
  [[1044, 1142, 1143, 1227, 1370, 1410, 1419], missingRights],
  [[1049], ['configuration', 'create the database, or correct its name in the URL']],
  [[3159], ['configuration', 'the server wants encryption: set ?tls=required or ?tls=verify']],
  [[1665], ['configuration', 'set binlog_format to ROW or MIXED at the server']],
  [[1290, 1792, 1836], readOnly],
  [
    [3, 28, 1021, 1030, 1037, 1038, 1041, 1114],
    ['connection', 'look at the space and memory that the server has left'],
  ],
  [
    [1040, 1203],
    ['connection', 'raise max_connections, or close connections of others'],
  ],
  [[1226], ['throttled']],
  [[1020, 1205, 1213, 1614, 3572], ['connection']],
  [[1047, 1053, 1080, 1129, 1152, 1158, 1159, 1160, 1161, 1317, 1835, 1927, 2006, 2013, 4031], ['connection']],
  [
    [1969, 3024],
    ['timeout', 'raise max_statement_time at the server, or find out what blocks the table'],
  ],
  [[1054, 1109, 1136, 1146, 1348, 1364, 1412, 1615, 1906, 1932, 3105], ['schema']],
  [[1148, 3948, 4166], noLocalInfile],
  [
    [1048],
    ['record', 'another row has the same value in a unique index, or a key that differs only in case or blanks'],
  ],
  [
    [1062, 1586, 1022, 1169],
    ['record', 'another row has the same value in a unique index'],
  ],
  [
    [1216, 1217, 1451, 1452],
    ['record', 'a foreign key of the table refuses the change'],
  ],
  [
    [1118],
    ['record', 'the row is larger than a page of InnoDB: change short texts that are rarely needed to another table'],
  ],
  [
    [1153, 1301],
    ['record', 'raise max_allowed_packet at the server'],
  ],
  [[1264, 1265, 1292, 1300, 1365, 1366, 1367, 1406, 1411, 1416, 1439, 1525, 1690, 1977], ['record']],
  [[1642, 1643, 1644, 3140, 3141, 3143, 3156, 3157, 3819, 4025, 4038, 4042], ['record']],
]

const meanings = new Map(groups.flatMap(([numbers, meaning]) => numbers.map((number) => [number, meaning] as const)))

/** Codes of Node.js's network and name resolution, and the client library's for a connection that ended. */
const networkCodes =
  /^(?:ECONN|EPIPE|ETIMEDOUT|EHOST|ENET|EAI_|ENOTFOUND|ENOENT|EACCES|EPROTO|ERR_SSL|ERR_STREAM|PROTOCOL_|HANDSHAKE_SSL)/

/** Codes of a certificate that was refused. */
const certificateCodes = /CERT|^UNABLE_TO_|SELF_SIGNED|^ERR_TLS_/

/** Messages of the client library, which gives no codes for these. */
const clientMessages = /closed state|Connection lost|before the handshake|out of order/i

/** Whatever was thrown while talking to MySQL → the error of the contract. Never holds a secret. */
export function toMysqlError(error: unknown, place: ErrorPlace = {}): EdsError {
  if (isEdsError(error)) return error
  if (error instanceof StatementError) return ofStatement(error)
  const { errno, code } = factsOf(error)
  const message = error instanceof Error ? error.message || code || error.name : String(error)
  const [errorCode, fix] = classify(errno, code, message)
  const facts = [errno && `error ${errno}`, !errno && code, place.table && `table "${place.table}"`].filter(Boolean)
  const options: EdsErrorOptions = {
    cause: error,
    ...(fix === undefined ? {} : { fix }),
    ...(place.table === undefined ? {} : { table: place.table }),
    ...(place.index === undefined ? {} : { index: place.index }),
  }
  return new EdsError(errorCode, `MySQL: ${message}${facts.length === 0 ? '' : ` (${facts.join(', ')})`}`, options)
}

function ofStatement({ cause, statement: { table, rows } }: StatementError): EdsError {
  const row = rowOf(cause)
  const only = rows.length === 1 ? rows[0] : undefined
  const index = (row === undefined ? only : rows[row - 1])?.index
  return toMysqlError(cause, { table, ...(index === undefined ? {} : { index }) })
}

/** The row that a message names, from 1: `Data too long for column 'x' at row 3`. */
export function rowOf(error: unknown): number | undefined {
  const [, row] = (error instanceof Error && / at row (\d+)$/.exec(error.message)) || []
  return row === undefined ? undefined : Number(row)
}

/** The same for making or changing tables, where nothing is the fault of an event. */
export function toMigrationError(error: unknown): EdsError {
  const known = toMysqlError(error)
  const { errno } = factsOf(isEdsError(error) ? error.cause : error)
  // Someone else made the table or column at the same time.
  if (errno === 1050 || errno === 1060) return new EdsError('connection', known.message, { cause: error })
  if (known.code !== 'record' && known.code !== 'schema' && known.code !== 'unknown') return known
  if (errno === undefined) return known
  const options = { cause: error, ...(known.table === undefined ? {} : { table: known.table }) }
  return new EdsError('unsupported', known.message, { ...options, fix: 'make the table by hand, or leave it out' })
}

function classify(errno: number | undefined, code: string | undefined, message: string): Meaning {
  if (code === 'HANDSHAKE_NO_SSL_SUPPORT') return ['configuration', 'use ?tls=disable, or switch TLS on at the server']
  if (code === 'AUTH_SWITCH_PLUGIN_ERROR') return wrongCredentials
  if (code !== undefined && certificateCodes.test(code)) {
    return ['configuration', 'set ?sslca= to the authority’s PEM file, or use ?tls=required']
  }
  if (code !== undefined && networkCodes.test(code)) return ['connection']
  if (errno !== undefined) return meanings.get(errno) ?? ['unknown']
  return clientMessages.test(message) ? ['connection'] : ['unknown']
}

interface Facts {
  readonly errno: number | undefined
  readonly code: string | undefined
}

function factsOf(error: unknown): Facts {
  if (typeof error !== 'object' || error === null) return { errno: undefined, code: undefined }
  const { errno, code } = error as Record<string, unknown>
  // Errors of the operating system have negative numbers.
  return {
    errno: typeof errno === 'number' && errno > 0 ? errno : undefined,
    code: typeof code === 'string' && code !== '' ? code : undefined,
  }
}
