/** Reads little-endian fields of a TDS message one after another. */
export class ByteReader {
  readonly bytes: Buffer
  offset: number

  constructor(bytes: Buffer, offset = 0) {
    this.bytes = bytes
    this.offset = offset
  }

  get atEnd(): boolean {
    return this.offset >= this.bytes.length
  }

  take(length: number): Buffer {
    if (this.offset + length > this.bytes.length) throw new RangeError('The message ends within a field')
    const taken = this.bytes.subarray(this.offset, this.offset + length)
    this.offset += length
    return taken
  }

  uint8(): number {
    return this.take(1).readUInt8(0)
  }

  uint16(): number {
    return this.take(2).readUInt16LE(0)
  }

  uint32(): number {
    return this.take(4).readUInt32LE(0)
  }

  uint64(): bigint {
    return this.take(8).readBigUInt64LE(0)
  }

  /** An unsigned integer of 1 to 16 bytes. */
  unsigned(length: number): bigint {
    const hexadecimal = Buffer.from(this.take(length)).reverse().toString('hex')
    return BigInt(`0x${hexadecimal}`)
  }

  /** UTF-16 text of so many code units; lone surrogates stay as they are. */
  text(codeUnits: number): string {
    return this.take(codeUnits * 2).toString('utf16le')
  }

  /** Text behind one byte that counts its code units. */
  shortText(): string {
    return this.text(this.uint8())
  }

  /** Text behind two bytes that count its code units. */
  longText(): string {
    return this.text(this.uint16())
  }
}
