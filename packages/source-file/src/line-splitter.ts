export interface Line {
  /** Without its line break. The first part only, when the line is too long. */
  readonly bytes: Buffer
  /** Offset of what follows the line. */
  readonly end: number
  /** Set when the line is longer than allowed: its whole length in bytes. */
  readonly tooLong?: number
}

const newline = 0x0a
const carriageReturn = 0x0d
const byteOrderMark = Buffer.from('\ufeff')
/** What is kept of a line that is too long. */
const excerptBytes = 65_536

/** Cuts blocks of bytes into lines, with their places. Blank lines are left out. Holds at most one line of the longest length. */
export class LineSplitter {
  readonly #maxLineBytes: number
  /** Offset of the next block. */
  #offset: number
  /** The beginning of a line whose end has not come yet, and its length (of which only a part is kept when it is too long). */
  #begun: Buffer[] = []
  #begunBytes = 0

  constructor(offset: number, maxLineBytes: number) {
    this.#offset = offset
    this.#maxLineBytes = maxLineBytes
  }

  /** The lines that end in this block. They may share its memory. */
  push(block: Buffer): Line[] {
    const lines: Line[] = []
    let start = 0
    for (let at = block.indexOf(newline); at !== -1; at = block.indexOf(newline, start)) {
      this.#finish(block.subarray(start, at), this.#offset + at + 1, lines)
      start = at + 1
    }
    if (start < block.length) this.#begin(block.subarray(start))
    this.#offset += block.length
    return lines
  }

  /** The last line, when no line break follows it. */
  end(): Line[] {
    const lines: Line[] = []
    if (this.#begunBytes > 0) this.#finish(Buffer.alloc(0), this.#offset, lines)
    return lines
  }

  #begin(part: Buffer): void {
    if (this.#begunBytes <= this.#maxLineBytes) this.#begun.push(part)
    this.#begunBytes += part.length
    if (this.#begunBytes > this.#maxLineBytes) this.#begun = [excerpt(this.#begun)]
  }

  #finish(part: Buffer, end: number, lines: Line[]): void {
    const length = this.#begunBytes + part.length
    const whole = this.#begun.length === 0 ? part : Buffer.concat([...this.#begun, part])
    this.#begun = []
    this.#begunBytes = 0
    if (length > this.#maxLineBytes) lines.push({ bytes: excerpt([whole]), end, tooLong: length })
    else if (!isBlank(whole)) lines.push({ bytes: withoutMarks(whole, end), end })
  }
}

/** A copy, so that the block that it comes from is not held. */
function excerpt(parts: readonly Buffer[]): Buffer {
  return Buffer.concat(
    parts,
    Math.min(
      excerptBytes,
      parts.reduce((total, { length }) => total + length, 0),
    ),
  )
}

function isBlank(line: Buffer): boolean {
  return line.every((byte) => byte === 0x20 || byte === 0x09 || byte === carriageReturn)
}

/** Without the `\r` of `\r\n`, and, in the first line of a file, without a byte order mark. */
function withoutMarks(line: Buffer, end: number): Buffer {
  const text = line.at(-1) === carriageReturn ? line.subarray(0, -1) : line
  const isFirst = end <= line.length + 1
  return isFirst && text.indexOf(byteOrderMark) === 0 ? text.subarray(byteOrderMark.length) : text
}
