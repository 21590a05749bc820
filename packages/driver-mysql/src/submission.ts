import type { Connection } from 'mysql2'
import type { BoundStatement } from './encode.js'
import { setStatementId } from './packet-buffer.js'

/** The server's error, and the statement of the batch that it stopped at. */
export class StatementError extends Error {
  readonly statement: BoundStatement

  constructor(error: Error, statement: BoundStatement) {
    super(error.message, { cause: error })
    this.statement = statement
  }
}

/** A packet of the server, as `mysql2` hands it to the command that is running. */
interface AnswerPacket {
  isError(): boolean
  asError(encoding: string): Error
  readInt8(): number
  readLengthCodedNumber(): number
}

/** What `mysql2` lets its commands use. */
interface Wire {
  sequenceId: number
  readonly clientEncoding: string
  readonly stream: { cork(): void; uncork(): void }
  write(data: Buffer): void
}

/** `addCommand` is how `mysql2` itself runs queries: anything with these members is a command. */
interface CommandQueue {
  addCommand(command: {
    execute(packet: AnswerPacket | undefined, wire: Wire): boolean
    onResult(error: Error): void
  }): void
}

/** Packets of this length go on in the next one (https://mariadb.com/kb/en/0-packet/). */
const maxPacketLength = 0xff_ff_ff

/**
 * Sends statements and resolves to how many rows each has found. With `pipelined` all are sent at once: the server works on one while
 * the next are on their way. A server that has failed at one still does those behind it, so nothing may be committed by itself.
 *
 * @throws StatementError for the first that failed, when all have been answered.
 */
export function submit(
  connection: Connection,
  statements: readonly { readonly statement: BoundStatement; readonly id: number }[],
  pipelined: boolean,
): Promise<number[]> {
  return new Promise((resolve, reject) => {
    const found: number[] = []
    let failure: StatementError | undefined
    let answered = 0
    const send = (wire: Wire, from: number, to: number) => {
      wire.stream.cork()
      for (const { statement, id } of statements.slice(from, to)) {
        setStatementId(statement.packet, id)
        writePackets(wire, statement.packet)
      }
      wire.stream.uncork()
    }
    // The library's types do not name what its own commands use.
    const queue = connection as unknown as CommandQueue
    queue.addCommand({
      execute(packet, wire) {
        if (packet === undefined) {
          send(wire, 0, pipelined ? statements.length : 1)
          wire.sequenceId = packetsOf(statements[0]?.statement)
          return false
        }
        const { statement } = statements[answered] as (typeof statements)[number]
        if (packet.isError()) failure ??= new StatementError(packet.asError(wire.clientEncoding), statement)
        else found.push(rowsOf(packet))
        answered++
        if (!pipelined && failure === undefined && answered < statements.length) send(wire, answered, answered + 1)
        else if (answered === statements.length || (!pipelined && failure !== undefined)) {
          if (failure === undefined) resolve(found)
          else reject(failure)
          return true
        }
        wire.sequenceId = packetsOf(statements[answered]?.statement)
        return false
      },
      onResult: reject,
    })
  })
}

/** Rows that an OK packet tells of (https://mariadb.com/kb/en/ok_packet/). */
function rowsOf(packet: AnswerPacket): number {
  packet.readInt8()
  return packet.readLengthCodedNumber()
}

/** The answer's number goes on where those of the request end. */
function packetsOf(statement: BoundStatement | undefined): number {
  return (Math.floor(((statement?.packet.length ?? 4) - 4) / maxPacketLength) + 1) % 256
}

/** `packet` has four bytes of room at its start. */
function writePackets(wire: Wire, packet: Buffer): void {
  const length = packet.length - 4
  if (length < maxPacketLength) {
    packet.writeUIntLE(length, 0, 3)
    packet[3] = 0
    wire.write(packet)
    return
  }
  for (let from = 0, sequence = 0; from <= length; from += maxPacketLength, sequence++) {
    const part = packet.subarray(4 + from, Math.min(4 + from + maxPacketLength, packet.length))
    const header = Buffer.alloc(4)
    header.writeUIntLE(part.length, 0, 3)
    header[3] = sequence & 0xff
    wire.write(header)
    wire.write(part)
  }
}
