import { withRoom } from './line-buffer.js'

const copyData = 0x64
const copyDone = 0x63
/** Type byte and length, as before every message of the protocol. */
const headerBytes = 5
/** A message is handed on when it has grown to this: the server works on one while the next is on its way. */
const messageBytes = 64 * 1024

/**
 * Collects the data of one or several COPY commands as ready protocol messages in one buffer, so that it goes to the socket as it
 * is. https://www.postgresql.org/docs/current/protocol-message-formats.html
 */
export class CopyBuffer {
  #buffer: Buffer
  #length = 0
  #messageStart = -1

  /** `buffer` is written over; it is replaced by a larger one when it is too small. */
  constructor(buffer: Buffer) {
    this.#buffer = buffer
  }

  /** The buffer in use, for the next batch. */
  get buffer(): Buffer {
    return this.#buffer
  }

  /** One row with its line break. */
  append(line: string): void {
    // A UTF-16 code unit takes at most three bytes of UTF-8.
    this.#reserve(line.length * 3 + headerBytes)
    if (this.#messageStart < 0) this.#startMessage()
    this.#length += this.#buffer.write(line, this.#length, 'utf8')
    if (this.#length - this.#messageStart > messageBytes) this.#endMessage()
  }

  /** Ends the data of one COPY. */
  endCopy(): void {
    if (this.#messageStart >= 0) this.#endMessage()
    this.#reserve(headerBytes)
    this.#buffer[this.#length] = copyDone
    this.#buffer.writeUInt32BE(4, this.#length + 1)
    this.#length += headerBytes
  }

  /** All messages so far; valid until the buffer is used again. */
  messages(): Buffer {
    return this.#buffer.subarray(0, this.#length)
  }

  #startMessage(): void {
    this.#messageStart = this.#length
    this.#buffer[this.#length] = copyData
    this.#length += headerBytes
  }

  #endMessage(): void {
    this.#buffer.writeUInt32BE(this.#length - this.#messageStart - 1, this.#messageStart + 1)
    this.#messageStart = -1
  }

  #reserve(bytes: number): void {
    this.#buffer = withRoom(this.#buffer, this.#length, bytes)
  }
}

/** A value of any characters (but NUL) as COPY's text format wants it. */
export function escapeCopyText(text: string): string {
  return special.test(text) ? text.replace(everySpecial, escapeOne) : text
}

const special = /[\\\t\n\r]/
const everySpecial = /[\\\t\n\r]/g

function escapeOne(character: string): string {
  switch (character) {
    case '\t':
      return '\\t'
    case '\n':
      return '\\n'
    case '\r':
      return '\\r'
    default:
      return '\\\\'
  }
}
