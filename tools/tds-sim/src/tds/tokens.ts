import type { SqlError } from '../engine/sql-error.js'
import { ByteWriter } from './byte-writer.js'

const token = { error: 0xaa, info: 0xab, loginAck: 0xad, envChange: 0xe3, returnStatus: 0x79 } as const

/** The three tokens that end a statement (MS-TDS 2.2.7.6 to 2.2.7.8). */
export const doneToken = { done: 0xfd, procedure: 0xfe, inProcedure: 0xff } as const

/** Kinds of ENVCHANGE that the server sends. */
export const environment = {
  database: 1,
  packetSize: 4,
  begin: 8,
  commit: 9,
  rollback: 10,
  resetConnection: 18,
} as const

/** The name that the server gives itself in errors. */
export const serverName = 'tds-sim'

export function writeError(writer: ByteWriter, error: SqlError): void {
  writeMessage(writer, token.error, error)
}

export function writeInfo(writer: ByteWriter, number: number, message: string): void {
  writeMessage(writer, token.info, { number, message, class: 0, state: 1, line: 1 })
}

type ServerMessage = Pick<SqlError, 'number' | 'message' | 'class' | 'state' | 'line'>

function writeMessage(writer: ByteWriter, kind: number, message: ServerMessage): void {
  const body = new ByteWriter()
    .uint32(message.number)
    .uint8(message.state)
    .uint8(message.class)
    .longText(message.message)
    .shortText(serverName)
    .shortText('')
    .uint32(message.line)
    .finish()
  writer.uint8(kind).uint16(body.length).raw(body)
}

/** TDS version 7.4 and the program's name and version. */
export function writeLoginAck(writer: ByteWriter): void {
  const version = Buffer.from([0x74, 0x00, 0x00, 0x04])
  const body = new ByteWriter()
    .uint8(1)
    .raw(version)
    .shortText('Microsoft SQL Server')
    .raw(Buffer.from([16, 0, 3, 232]))
    .finish()
  writer.uint8(token.loginAck).uint16(body.length).raw(body)
}

export function writeTextChange(writer: ByteWriter, kind: number, now: string, before: string): void {
  const body = new ByteWriter().uint8(kind).shortText(now).shortText(before).finish()
  writer.uint8(token.envChange).uint16(body.length).raw(body)
}

/** Tells of a transaction that began (`now` is its descriptor) or ended (`before` is). */
export function writeTransactionChange(writer: ByteWriter, kind: number, descriptor: Buffer): void {
  const body = new ByteWriter().uint8(kind)
  if (kind === environment.begin) body.uint8(descriptor.length).raw(descriptor).uint8(0)
  else body.uint8(0).uint8(descriptor.length).raw(descriptor)
  const bytes = body.finish()
  writer.uint8(token.envChange).uint16(bytes.length).raw(bytes)
}

export function writeReset(writer: ByteWriter): void {
  writer.uint8(token.envChange).uint16(3).uint8(environment.resetConnection).uint8(0).uint8(0)
}

export function writeReturnStatus(writer: ByteWriter, status: number): void {
  writer.uint8(token.returnStatus).uint32(status >>> 0)
}

/** How a statement ended. */
export interface Done {
  readonly token: number
  readonly more?: boolean
  readonly error?: boolean
  readonly inTransaction?: boolean
  readonly attention?: boolean
  readonly rowCount?: number
}

export function writeDone(writer: ByteWriter, done: Done): void {
  const status =
    (done.more ? 0x01 : 0) |
    (done.error ? 0x02 : 0) |
    (done.inTransaction ? 0x04 : 0) |
    (done.rowCount === undefined ? 0 : 0x10) |
    (done.attention ? 0x20 : 0)
  writer
    .uint8(done.token)
    .uint16(status)
    .uint16(0)
    .uint64(BigInt(done.rowCount ?? 0))
}
