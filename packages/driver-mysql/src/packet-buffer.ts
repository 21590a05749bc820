/** COM_STMT_EXECUTE: https://mariadb.com/kb/en/com_stmt_execute/ */
const executeCommand = 0x17
const varString = 0xfd
/** Sequence number and length of the packet, then the command. */
const headerBytes = 4
const statementIdAt = headerBytes + 1
/** Command, statement, flags, count. */
const fixedBytes = 10
/** Texts up to here are written character by character: a call into the runtime costs more. */
const shortLength = 20
/** Most bytes that a text of this many characters takes fit into a prefix of one byte. */
const oneByteLength = 83
const twoByteLength = 21_845
const threeByteLength = 5_592_405

/** What the text takes at most, its length included. */
export function maxTextBytes(text: string | null): number {
  return text === null ? 0 : text.length * 3 + 9
}

/**
 * Writes requests that execute prepared statements with texts as parameters, one after the other into one buffer. The client library
 * makes an object of every parameter, which costs more than all else that is done for a row.
 */
export class PacketBuffer {
  /** May be used again when everything in it has been sent. */
  buffer: Buffer
  #end = 0

  constructor(buffer: Buffer) {
    this.buffer = buffer
  }

  /**
   * Adds a request; `parameters` gives all of them in order. Returns where it stands, with room for the packet's header in front of
   * it. `maxBytes`: at least what the parameters take.
   */
  execute(parameters: readonly (string | null)[], maxBytes: number): { readonly from: number; readonly to: number } {
    const count = parameters.length
    const bitmapBytes = (count + 7) >> 3
    this.#reserve(headerBytes + fixedBytes + bitmapBytes + 1 + 2 * count + maxBytes)
    const { buffer } = this
    const from = this.#end
    let at = from + headerBytes
    buffer[at] = executeCommand
    buffer.fill(0, at + 1, at + 6)
    buffer.writeUInt32LE(1, at + 6)
    at += fixedBytes
    const bitmapAt = at
    buffer.fill(0, at, at + bitmapBytes)
    at += bitmapBytes
    if (count > 0) {
      buffer[at++] = 1
      for (let index = 0; index < count; index++) {
        buffer[at++] = varString
        buffer[at++] = 0
      }
    }
    for (let index = 0; index < count; index++) {
      const text = parameters[index] as string | null
      if (text === null) {
        const place = bitmapAt + (index >> 3)
        buffer[place] = (buffer[place] as number) | (1 << (index & 7))
      } else at = writeText(buffer, text, at)
    }
    this.#end = at
    return { from, to: at }
  }

  #reserve(bytes: number): void {
    const needed = this.#end + bytes
    if (needed <= this.buffer.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.buffer.length * 2))
    this.buffer.copy(larger, 0, 0, this.#end)
    this.buffer = larger
  }
}

/** The number that the server gave the statement, known only when the request is sent. */
export function setStatementId(packet: Buffer, id: number): void {
  packet.writeUInt32LE(id, statementIdAt)
}

/** A text with its length in front (https://mariadb.com/kb/en/protocol-data-types/#length-encoded-strings). Returns where it ends. */
function writeText(buffer: Buffer, text: string, at: number): number {
  const { length } = text
  if (length <= shortLength) {
    let place = at + 1
    for (let index = 0; index < length; index++) {
      const code = text.charCodeAt(index)
      if (code > 0x7f) return writeBytes(buffer, text, at, 1)
      buffer[place++] = code
    }
    buffer[at] = length
    return place
  }
  if (length <= oneByteLength) return writeBytes(buffer, text, at, 1)
  if (length <= twoByteLength) return writeBytes(buffer, text, at, 3)
  return writeBytes(buffer, text, at, length <= threeByteLength ? 4 : 9)
}

/** A length may be written with more bytes than it needs. */
function writeBytes(buffer: Buffer, text: string, at: number, prefixBytes: 1 | 3 | 4 | 9): number {
  const start = at + prefixBytes
  const bytes = buffer.write(text, start, 'utf8')
  if (prefixBytes === 1) buffer[at] = bytes
  else {
    buffer[at] = prefixBytes === 3 ? 0xfc : prefixBytes === 4 ? 0xfd : 0xfe
    buffer.writeUIntLE(bytes, at + 1, Math.min(prefixBytes - 1, 6))
    if (prefixBytes === 9) buffer.fill(0, at + 7, at + 9)
  }
  return start + bytes
}
