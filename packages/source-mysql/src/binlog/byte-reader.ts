/** Reads a buffer from its start to its end; all integers are little-endian unless named otherwise. Throws a `RangeError` behind the end. */
export class ByteReader {
  readonly #bytes: Buffer
  offset: number

  constructor(bytes: Buffer, offset = 0) {
    this.#bytes = bytes
    this.offset = offset
  }

  get left(): number {
    return this.#bytes.length - this.offset
  }

  take(length: number): Buffer {
    if (length < 0 || length > this.left) throw new RangeError(`the event ends ${length - this.left} bytes too early`)
    const part = this.#bytes.subarray(this.offset, this.offset + length)
    this.offset += length
    return part
  }

  skip(length: number): void {
    this.take(length)
  }

  /** At most six bytes. */
  unsigned(length: number): number {
    return length === 0 ? 0 : this.take(length).readUIntLE(0, length)
  }

  signed(length: number): number {
    return this.take(length).readIntLE(0, length)
  }

  /** At most six bytes, the highest first. */
  unsignedBig(length: number): number {
    return length === 0 ? 0 : this.take(length).readUIntBE(0, length)
  }

  unsigned64(): bigint {
    return this.take(8).readBigUInt64LE()
  }

  signed64(): bigint {
    return this.take(8).readBigInt64LE()
  }

  float(): number {
    return this.take(4).readFloatLE()
  }

  double(): number {
    return this.take(8).readDoubleLE()
  }

  text(length: number): string {
    return this.take(length).toString('utf8')
  }

  /** A length in one, three, four or nine bytes (https://mariadb.com/kb/en/protocol-data-types/#length-encoded-integers). */
  length(): number {
    const first = this.unsigned(1)
    if (first < 0xfb) return first
    if (first === 0xfc) return this.unsigned(2)
    if (first === 0xfd) return this.unsigned(3)
    if (first === 0xfe) return Number(this.unsigned64())
    throw new RangeError('a length is missing')
  }
}

/** One bit per column, the first in the lowest bit of the first byte. */
export function hasBit(bitmap: Buffer, index: number): boolean {
  return ((bitmap[index >> 3] ?? 0) & (1 << (index & 7))) !== 0
}
