const tab = 0x09
const lineFeed = 0x0a

/** Collects lines of COPY data. It grows when a line does not fit. */
export class LineBuffer {
  readonly #capacity: number
  #buffer: Buffer
  #length = 0
  #lineStart = 0

  /** `bytes`: about so many are to be taken at a time. */
  constructor(bytes: number) {
    // A line more than that mostly fits.
    this.#capacity = bytes + 16 * 1024
    this.#buffer = Buffer.allocUnsafeSlow(this.#capacity)
  }

  get length(): number {
    return this.#length
  }

  /** Begins a line. */
  begin(): void {
    this.#lineStart = this.#length
  }

  /** Takes back what was written since the line began. */
  undo(): void {
    this.#length = this.#lineStart
  }

  end(): void {
    this.#byte(lineFeed)
  }

  tab(): void {
    this.#byte(tab)
  }

  /** What is written there, as it is. */
  bytes(source: Buffer, start: number, end: number): void {
    this.#reserve(end - start)
    const buffer = this.#buffer
    let at = this.#length
    if (end - start > 48) at += source.copy(buffer, at, start, end)
    else for (let from = start; from < end; from++) buffer[at++] = source[from] as number
    this.#length = at
  }

  text(text: string): void {
    // A UTF-16 code unit takes at most three bytes of UTF-8.
    this.#reserve(text.length * 3)
    this.#length += this.#buffer.write(text, this.#length, 'utf8')
  }

  /** All lines so far. The bytes are the caller's. */
  take(): Buffer {
    const taken = this.#buffer.subarray(0, this.#length)
    this.#buffer = Buffer.allocUnsafeSlow(this.#capacity)
    this.#length = 0
    return taken
  }

  #byte(byte: number): void {
    this.#reserve(1)
    this.#buffer[this.#length++] = byte
  }

  #reserve(bytes: number): void {
    this.#buffer = withRoom(this.#buffer, this.#length, bytes)
  }
}

/** The buffer, or a larger one that holds the same, when there is no room for so many bytes behind its first `length`. */
export function withRoom(buffer: Buffer, length: number, bytes: number): Buffer {
  const needed = length + bytes
  if (needed <= buffer.length) return buffer
  const larger = Buffer.allocUnsafeSlow(Math.max(needed, buffer.length * 2))
  buffer.copy(larger, 0, 0, length)
  return larger
}
