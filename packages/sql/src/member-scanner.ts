/**
 * What {@link MemberScanner} says of a member's value. `exponent` is a number with an `e`, `escaped` a string with a backslash. `strings` is
 * a list of strings without backslashes, and without spaces between them; `nested` another list or object, `nestedEscaped` where it
 * holds a backslash, a tab or a line break.
 */
export const memberKind = {
  absent: 0,
  null: 1,
  true: 2,
  false: 3,
  integer: 4,
  decimal: 5,
  exponent: 6,
  string: 7,
  strings: 8,
  escaped: 9,
  nested: 10,
  nestedEscaped: 11,
} as const

const quote = 0x22
const backslash = 0x5c
const comma = 0x2c
const colon = 0x3a
const minus = 0x2d
const zero = 0x30
const openBrace = 0x7b
const closeBrace = 0x7d
const openBracket = 0x5b
const closeBracket = 0x5d

/** Names at a place of an object: the next object mostly has the same one there. */
interface Expected {
  readonly bytes: Uint8Array
  readonly member: number
}

/**
 * Finds the values of an object's members in its JSON text, without making JavaScript values of them. That takes half the time of parsing
 * (measured), and what is handed on as it is written need not be written anew.
 */
export class MemberScanner {
  /** Of each member, one of {@link memberKind}. */
  readonly kinds: Uint8Array
  /** Where its value begins in the bytes, and where it ends; those of strings with their quotes. */
  readonly starts: Int32Array
  readonly ends: Int32Array
  readonly #members: ReadonlyMap<string, number>
  readonly #expected: Expected[] = []
  /** Where the last token ended. */
  #end = 0
  #kind = 0

  /** `names`: the members wanted, by index. */
  constructor(names: readonly string[]) {
    this.#members = new Map(names.map((name, index) => [name, index]))
    this.kinds = new Uint8Array(names.length)
    this.starts = new Int32Array(names.length)
    this.ends = new Int32Array(names.length)
  }

  /**
   * Takes JSON text in valid UTF-8. False when it is no object or no JSON; what is escaped or nested is known to be JSON only when it is
   * parsed. Of members that come twice the last one counts.
   */
  scan(bytes: Uint8Array): boolean {
    this.kinds.fill(memberKind.absent)
    let at = afterSpace(bytes, 0)
    if (bytes[at] !== openBrace) return false
    at = afterSpace(bytes, at + 1)
    if (bytes[at] === closeBrace) return afterSpace(bytes, at + 1) === bytes.length
    for (let place = 0; ; place++) {
      if (bytes[at] !== quote) return false
      const member = this.#member(bytes, at, place)
      if (member === undefined) return false
      at = afterSpace(bytes, this.#end)
      if (bytes[at] !== colon) return false
      at = afterSpace(bytes, at + 1)
      if (!this.#value(bytes, at)) return false
      const end = this.#end
      if (member < 0) {
        if (!isJson(bytes, this.#kind, at, end)) return false
      } else {
        // Nobody will look at what came before under this name.
        if (!isJson(bytes, this.kinds[member], this.starts[member], this.ends[member])) return false
        this.kinds[member] = this.#kind
        this.starts[member] = at
        this.ends[member] = end
      }
      at = afterSpace(bytes, end)
      if (bytes[at] === closeBrace) return afterSpace(bytes, at + 1) === bytes.length
      if (bytes[at] !== comma) return false
      at = afterSpace(bytes, at + 1)
    }
  }

  /** The index of the member whose name begins at the quote; -1 for one that nobody asked for, `undefined` for no JSON. */
  #member(bytes: Uint8Array, at: number, place: number): number | undefined {
    const expected = this.#expected[place]
    if (expected !== undefined && isAt(bytes, at, expected.bytes)) {
      this.#end = at + expected.bytes.length
      return expected.member
    }
    if (!this.#string(bytes, at)) return undefined
    const name = jsonAt(bytes, at, this.#end)
    if (typeof name !== 'string') return undefined
    const member = this.#members.get(name) ?? -1
    // Objects of ever other names must not fill the memory.
    if (place < 10_000) this.#expected[place] = { bytes: bytes.slice(at, this.#end), member }
    return member
  }

  #value(bytes: Uint8Array, at: number): boolean {
    const first = bytes[at]
    switch (first) {
      case quote:
        return this.#string(bytes, at)
      case openBracket:
        return this.#strings(bytes, at) || this.#nested(bytes, at)
      case openBrace:
        return this.#nested(bytes, at)
      case 0x74:
        return this.#literal(bytes, at, literals.true, memberKind.true)
      case 0x66:
        return this.#literal(bytes, at, literals.false, memberKind.false)
      case 0x6e:
        return this.#literal(bytes, at, literals.null, memberKind.null)
      default:
        return this.#number(bytes, at)
    }
  }

  #literal(bytes: Uint8Array, at: number, literal: Uint8Array, kind: number): boolean {
    this.#kind = kind
    this.#end = at + literal.length
    return isAt(bytes, at, literal)
  }

  #string(bytes: Uint8Array, start: number): boolean {
    let kind: number = memberKind.string
    let at = start + 1
    for (;;) {
      while (ordinary[bytes[at] as number] === 1) at++
      const byte = bytes[at]
      if (byte === quote) break
      if (byte !== backslash) return false
      kind = memberKind.escaped
      at += 2
    }
    this.#kind = kind
    this.#end = at + 1
    return true
  }

  #strings(bytes: Uint8Array, start: number): boolean {
    let at = start + 1
    if (bytes[at] === quote) {
      for (;;) {
        if (!this.#string(bytes, at) || this.#kind !== memberKind.string) return false
        at = this.#end
        if (bytes[at] !== comma) break
        at++
        if (bytes[at] !== quote) return false
      }
    }
    this.#kind = memberKind.strings
    this.#end = at + 1
    return bytes[at] === closeBracket
  }

  #nested(bytes: Uint8Array, start: number): boolean {
    let depth = 0
    let kind: number = memberKind.nested
    for (let at = start; at < bytes.length; at++) {
      const byte = bytes[at] as number
      if (byte === quote) {
        if (!this.#string(bytes, at)) return false
        if (this.#kind === memberKind.escaped) kind = memberKind.nestedEscaped
        at = this.#end - 1
      } else if (byte === openBrace || byte === openBracket) depth++
      else if ((byte === closeBrace || byte === closeBracket) && --depth === 0) {
        this.#kind = kind
        this.#end = at + 1
        return true
      } else if (byte < 0x20) kind = memberKind.nestedEscaped
    }
    return false
  }

  #number(bytes: Uint8Array, start: number): boolean {
    this.#kind = memberKind.integer
    let at = bytes[start] === minus ? start + 1 : start
    const whole = afterDigits(bytes, at)
    if (whole === at || (bytes[at] === zero && whole > at + 1)) return false
    at = whole
    if (bytes[at] === 0x2e) {
      this.#kind = memberKind.decimal
      const end = afterDigits(bytes, at + 1)
      if (end === at + 1) return false
      at = end
    }
    if (bytes[at] === 0x65 || bytes[at] === 0x45) {
      this.#kind = memberKind.exponent
      const digits = bytes[at + 1] === minus || bytes[at + 1] === 0x2b ? at + 2 : at + 1
      const end = afterDigits(bytes, digits)
      if (end === digits) return false
      at = end
    }
    this.#end = at
    return true
  }
}

/** 1 for bytes that mean nothing special within a string. */
const ordinary = new Uint8Array(256).fill(1, 0x20)
ordinary[quote] = 0
ordinary[backslash] = 0

const literals = { true: Buffer.from('true'), false: Buffer.from('false'), null: Buffer.from('null') }

function isAt(bytes: Uint8Array, at: number, expected: Uint8Array): boolean {
  for (let index = 0; index < expected.length; index++) if (bytes[at + index] !== expected[index]) return false
  return true
}

function afterSpace(bytes: Uint8Array, at: number): number {
  let next = at
  for (;;) {
    const byte = bytes[next]
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return next
    next++
  }
}

function afterDigits(bytes: Uint8Array, at: number): number {
  let next = at
  for (;;) {
    const byte = bytes[next]
    if (byte === undefined || byte < zero || byte > 0x39) return next
    next++
  }
}

/** Whether a token that was scanned is JSON. */
function isJson(bytes: Uint8Array, kind = 0, start = 0, end = 0): boolean {
  return kind < memberKind.escaped || jsonAt(bytes, start, end) !== undefined
}

/** The value written there; `undefined` for no JSON. */
function jsonAt(bytes: Uint8Array, start: number, end: number): unknown {
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString())
  } catch {
    return undefined
  }
}
