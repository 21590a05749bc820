import { crc32 } from 'node:zlib'
import { EdsError } from '@eds/core'

/** Numbers of https://dev.mysql.com/doc/dev/mysql-server/latest/namespacemysql_1_1binlog_1_1event.html and, from 160, of MariaDB. */
export const eventType = {
  query: 2,
  stop: 3,
  rotate: 4,
  formatDescription: 15,
  xid: 16,
  tableMap: 19,
  writeRowsV1: 23,
  updateRowsV1: 24,
  deleteRowsV1: 25,
  incident: 26,
  heartbeat: 27,
  writeRows: 30,
  updateRows: 31,
  deleteRows: 32,
  gtid: 33,
  anonymousGtid: 34,
  partialUpdateRows: 39,
  transactionPayload: 40,
  mariadbGtid: 162,
} as const

/** An event of the binary log, its body not yet looked into. */
export interface LogEvent {
  /** Epoch seconds. */
  readonly time: number
  readonly type: number
  readonly serverId: number
  /** With header and checksum. */
  readonly size: number
  /** Where the next event begins in the file, modulo 2^32; 0 for an event that is in no file. */
  readonly nextPosition: number
  readonly body: Buffer
}

const headerLength = 19
const checksumLength = 4

/** Takes a packet of the server apart, the status byte at its front left out. Throws `connection` when the checksum is wrong. */
export function readLogEvent(bytes: Buffer, hasChecksum: boolean): LogEvent {
  const type = bytes.readUInt8(4)
  // That of the first event says itself whether it has one.
  const isFormat = type === eventType.formatDescription
  const end = hasChecksum || isFormat ? bytes.length - checksumLength : bytes.length
  if (hasChecksum && !isFormat && crc32(bytes.subarray(0, end)) !== bytes.readUInt32LE(end)) {
    throw new EdsError('connection', 'an event of the binary log has a wrong checksum')
  }
  return {
    time: bytes.readUInt32LE(0),
    type,
    serverId: bytes.readUInt32LE(5),
    size: bytes.readUInt32LE(9),
    nextPosition: bytes.readUInt32LE(13),
    body: bytes.subarray(headerLength, end),
  }
}

/** Whether the events behind a format description have checksums: its last byte. */
export function announcesChecksums({ body }: LogEvent): boolean {
  return body.readUInt8(body.length - 1) === 1
}

/** The file that a rotate event announces, and where in it reading goes on. */
export function readRotate({ body }: LogEvent): { readonly file: string; readonly position: number } {
  return { file: body.toString('utf8', 8), position: Number(body.readBigUInt64LE(0)) }
}

/** A statement, and the database that it was made in. */
export function readQuery({ body }: LogEvent): { readonly database: string; readonly text: string } {
  const databaseLength = body.readUInt8(8)
  const start = 13 + body.readUInt16LE(11)
  const database = body.toString('utf8', start, start + databaseLength)
  return { database, text: body.toString('utf8', start + databaseLength + 1) }
}

/** Whether a transaction begins with this event. */
export function isBegin({ type }: LogEvent): boolean {
  return type === eventType.mariadbGtid || type === eventType.gtid || type === eventType.anonymousGtid
}

const preparedXa = 64

/** What begins a transaction: its global id in a form that is safe in positions, and whether it may still be rolled back. */
export function readGtid({ type, body, serverId }: LogEvent): { readonly gtid: string; readonly isPrepared: boolean } {
  if (type === eventType.mariadbGtid) {
    const gtid = `${body.readUInt32LE(8)}.${serverId}.${body.readBigUInt64LE(0)}`
    return { gtid, isPrepared: (body.readUInt8(12) & preparedXa) !== 0 }
  }
  if (type === eventType.anonymousGtid) return { gtid: 'anonymous', isPrepared: false }
  return { gtid: `${body.toString('hex', 1, 17)}.${body.readBigInt64LE(17)}`, isPrepared: false }
}

/** @throws EdsError `unsupported` or `gap` for events behind which changes would be missed. */
export function demandKnown({ type }: LogEvent): void {
  const fix = unreadable.get(type)
  if (fix === undefined) return
  throw new EdsError(type === eventType.incident ? 'gap' : 'unsupported', fix[0], { fix: fix[1] })
}

type Trouble = readonly [message: string, fix: string]

const noCompression: Trouble = ['the binary log is compressed', 'switch log_bin_compress off at the server']
const tooOld: Trouble = ['the binary log is of MySQL 5.1', 'use a newer server']
const unreadable: ReadonlyMap<number, Trouble> = new Map<number, Trouble>([
  [eventType.incident, ['the server says that its binary log misses changes', 'import again, or forget the cursor']],
  [
    eventType.partialUpdateRows,
    ['the binary log holds parts of documents', "set binlog_row_value_options='' at the server"],
  ],
  [
    eventType.transactionPayload,
    ['the binary log is compressed', 'set binlog_transaction_compression=OFF at the server'],
  ],
  [164, ['the binary log is encrypted in a way that cannot be read', 'set encrypt_binlog=OFF at the server']],
  ...[165, 166, 167, 168, 169, 170, 171].map((type): [number, Trouble] => [type, noCompression]),
  ...[20, 21, 22].map((type): [number, Trouble] => [type, tooOld]),
])
