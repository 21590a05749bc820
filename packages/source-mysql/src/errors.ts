import { EdsError, type ErrorCode, isEdsError } from '@eds/core'

type Meaning = readonly [code: ErrorCode, fix?: string]

const credentials: Meaning = ['authentication', 'check user name and password']
const rights: Meaning = [
  'authentication',
  'GRANT SELECT, TRIGGER, CREATE, INSERT, UPDATE, DELETE, DROP on the database to the user of EDS; for the binary log also REPLICATION SLAVE and REPLICATION CLIENT (MariaDB: BINLOG MONITOR) on *.*',
]

/** Error number → meaning: https://mariadb.com/kb/en/mariadb-error-code-reference/ and MySQL's own list. */
const groups: readonly (readonly [numbers: readonly number[], meaning: Meaning])[] = [
  [[1045, 1130, 1251, 1698, 1820, 1862, 2059, 3118, 4151], credentials],
  [[1044, 1142, 1143, 1227, 1370], rights],
  [
    [1419],
    ['authentication', 'set log_bin_trust_function_creators=1 at the server, or grant SUPER, or use mode "binlog"'],
  ],
  [[1049], ['configuration', 'create the database, or correct its name']],
  [[3159], ['configuration', 'the server wants encryption: set tls to "required" or "verify"']],
  [
    [1290, 1792, 1836],
    ['connection', 'the server is read-only; name the primary'],
  ],
  [
    [3, 28, 1021, 1030, 1037, 1038, 1041, 1114],
    ['connection', 'look at the space and memory that the server has left'],
  ],
  [
    [1040, 1203],
    ['connection', 'raise max_connections, or close connections of others'],
  ],
  [[1226], ['throttled']],
  [[1020, 1205, 1213, 1412, 1614, 1615, 3572], ['connection']],
  [[1047, 1053, 1080, 1129, 1152, 1158, 1159, 1160, 1161, 1317, 1835, 1927, 2006, 2013, 4031], ['connection']],
  [
    [1969, 3024],
    ['timeout', 'raise max_statement_time at the server'],
  ],
]

const meanings = new Map(groups.flatMap(([numbers, meaning]) => numbers.map((number) => [number, meaning] as const)))

const networkCodes =
  /^(?:ECONN|EPIPE|ETIMEDOUT|EHOST|ENET|EAI_|ENOTFOUND|ENOENT|EACCES|EPROTO|ERR_SSL|ERR_STREAM|PROTOCOL_|HANDSHAKE_SSL)/
const certificateCodes = /CERT|^UNABLE_TO_|SELF_SIGNED|^ERR_TLS_/
const clientMessages = /closed state|Connection lost|before the handshake|out of order/i

/** What MySQL's error 1236 (the log cannot be sent) says when what we ask for is not there. */
const goneMessages =
  /could not find|not find first log|purged|position > file size|impossible position|bogus|not available|corrupt|crc check/i

/**
 * Whether reading the binary log ended because a file ends in the middle of an event. The server leaves that behind when it is killed while
 * it writes, and begins a new file.
 */
export function isCutShort(error: unknown): boolean {
  if (!isEdsError(error)) return false
  return factsOf(error.cause).errno === 1236 && error.message.includes('truncated in the middle of event')
}

/** Whatever was thrown while talking to the server → the error of the contract. Never holds a secret. */
export function toSourceError(error: unknown, doing: string): EdsError {
  if (isEdsError(error)) return error
  const { errno, code } = factsOf(error)
  const message = error instanceof Error ? error.message || code || error.name : String(error)
  const [errorCode, fix] = classify(errno, code, message)
  const number = errno === undefined ? '' : ` (error ${errno})`
  return new EdsError(errorCode, `MySQL, ${doing}: ${message}${number}`, {
    cause: error,
    ...(fix === undefined ? {} : { fix }),
  })
}

function classify(errno: number | undefined, code: string | undefined, message: string): Meaning {
  if (code === 'HANDSHAKE_NO_SSL_SUPPORT')
    return ['configuration', 'set tls to "disable", or switch TLS on at the server']
  if (code === 'AUTH_SWITCH_PLUGIN_ERROR') return credentials
  if (code === 'PROTOCOL_SEQUENCE_TIMEOUT') return ['timeout', 'find out what blocks the server']
  if (code !== undefined && certificateCodes.test(code)) return ['configuration', 'set ca, or tls to "required"']
  if (code !== undefined && networkCodes.test(code)) return ['connection']
  if (errno === 1236) return brokenDump(message)
  if (errno !== undefined) return meanings.get(errno) ?? ['unknown']
  return clientMessages.test(message) ? ['connection'] : ['unknown']
}

function brokenDump(message: string): Meaning {
  if (/same server_(?:uu)?id|server_id/i.test(message)) {
    return ['connection', 'another reader calls itself by the same serverId: leave the option out']
  }
  return goneMessages.test(message)
    ? ['gap', 'import again, or forget the cursor; then keep the binary log for longer (binlog_expire_logs_seconds)']
    : ['connection']
}

function factsOf(error: unknown): { readonly errno: number | undefined; readonly code: string | undefined } {
  if (typeof error !== 'object' || error === null) return { errno: undefined, code: undefined }
  const { errno, code } = error as Record<string, unknown>
  // Errors of the operating system have negative numbers.
  return {
    errno: typeof errno === 'number' && errno > 0 ? errno : undefined,
    code: typeof code === 'string' && code !== '' ? code : undefined,
  }
}
