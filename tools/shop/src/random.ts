/**
 * Seeded pseudo-random numbers (sfc32): the same seed gives the same numbers on every platform and engine, because only 32-bit
 * integer arithmetic and exact scaling are used.
 */
export class Random {
  #a: number
  #b: number
  #c: number
  #counter = 1

  /** @param seed any integer up to 2^53; both halves count. */
  constructor(seed: number) {
    this.#a = seed | 0
    this.#b = Math.floor(seed / 0x1_0000_0000) | 0
    this.#c = 0x9e3779b9 | 0
    for (let round = 0; round < 15; round++) this.uint32()
  }

  /** Uniform in [0, 2^32). */
  uint32(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0
    this.#counter = (this.#counter + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0
    return sum >>> 0
  }

  /** Uniform integer in [0, limit), for limits up to 2^32. */
  below(limit: number): number {
    return Math.floor((this.uint32() / 0x1_0000_0000) * limit)
  }

  /** True with this probability. */
  chance(probability: number): boolean {
    return this.uint32() < probability * 0x1_0000_0000
  }

  /** One element; the list must not be empty. */
  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T
  }

  /** Eight lower-case hexadecimal digits. */
  hex8(): string {
    const number = this.uint32()
    return `${hexPairs[number >>> 24]}${hexPairs[(number >>> 16) & 255]}${hexPairs[(number >>> 8) & 255]}${hexPairs[number & 255]}`
  }
}

const hexPairs = Array.from({ length: 256 }, (_, byte) => hex(byte, 2))

/** `number` in lower-case hexadecimal, padded with zeroes to `width`. */
export function hex(number: number, width: number): string {
  return number.toString(16).padStart(width, '0')
}
