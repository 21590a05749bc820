/** Collects little-endian fields of a TDS message. */
export class ByteWriter {
  #bytes = Buffer.allocUnsafe(512)
  #length = 0

  #reserve(length: number): number {
    const start = this.#length
    if (start + length > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, start + length))
      this.#bytes.copy(larger, 0, 0, start)
      this.#bytes = larger
    }
    this.#length += length
    return start
  }

  uint8(value: number): this {
    const start = this.#reserve(1)
    this.#bytes.writeUInt8(value, start)
    return this
  }

  uint16(value: number): this {
    const start = this.#reserve(2)
    this.#bytes.writeUInt16LE(value, start)
    return this
  }

  int16(value: number): this {
    return this.uint16(value & 0xffff)
  }

  uint32(value: number): this {
    const start = this.#reserve(4)
    this.#bytes.writeUInt32LE(value, start)
    return this
  }

  uint64(value: bigint): this {
    const start = this.#reserve(8)
    this.#bytes.writeBigUInt64LE(value, start)
    return this
  }

  float32(value: number): this {
    const start = this.#reserve(4)
    this.#bytes.writeFloatLE(value, start)
    return this
  }

  float64(value: number): this {
    const start = this.#reserve(8)
    this.#bytes.writeDoubleLE(value, start)
    return this
  }

  /** The low `length` bytes of an integer; a negative one in two's complement. */
  integer(value: bigint, length: number): this {
    let rest = BigInt.asUintN(length * 8, value)
    for (let index = 0; index < length; index += 1) {
      this.uint8(Number(rest & 0xffn))
      rest >>= 8n
    }
    return this
  }

  raw(bytes: Uint8Array): this {
    const start = this.#reserve(bytes.length)
    this.#bytes.set(bytes, start)
    return this
  }

  text(value: string): this {
    return this.raw(Buffer.from(value, 'utf16le'))
  }

  shortText(value: string): this {
    return this.uint8(value.length).text(value)
  }

  longText(value: string): this {
    return this.uint16(value.length).text(value)
  }

  finish(): Buffer {
    return this.#bytes.subarray(0, this.#length)
  }
}
