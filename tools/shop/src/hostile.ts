import type { Column } from './columns.js'
import type { Random } from './random.js'

/**
 * Kinds of values that are legal JSON, and therefore on the wire, but that one destination or another cannot hold. Byte-oriented
 * destinations pass all of them on.
 */
export type HostileClass =
  /** `\u0000` in a string: PostgreSQL text. */
  | 'nul'
  /** `\u0000` in a string inside an object or array: PostgreSQL jsonb. */
  | 'nulInJson'
  /** Half of a surrogate pair: nothing that stores UTF-8. */
  | 'loneSurrogate'
  | 'loneSurrogateInJson'
  /** An integer beyond 64 bits. */
  | 'hugeInteger'
  /** 30 decimals, which a double rounds. */
  | 'longDecimal'
  /** `1e400`, which a double cannot hold at all. */
  | 'hugeExponent'
  | 'hugeNumberInJson'
  /** 120 levels: MySQL stops at 100. */
  | 'deepJson'
  /** Members named `__proto__` and the like. */
  | 'prototypeKey'
  /** Years 1 and 9999. */
  | 'farDate'
  /** A string above 64 KiB. */
  | 'longText'
  /** A key with slashes, dots, spaces at the end, letters outside ASCII, or above 64 characters. */
  | 'oddKey'
  /** No `key` in the event: the primary key is `after.id` or `before.id`. */
  | 'emptyKey'

const deep = `${'{"a":['.repeat(60)}1${']}'.repeat(60)}`
const long = `"${'0123456789abcde '.repeat(4_200)}"`

type Choice = readonly [HostileClass, string]

const text: readonly Choice[] = [
  ['nul', '"before\\u0000after"'],
  ['nul', '"\\u0000"'],
  ['loneSurrogate', '"high \\ud800 alone"'],
  ['loneSurrogate', '"\\uDC00 low first"'],
  ['loneSurrogate', '"wrong way \\udd27\\ud83d"'],
]
const rareText: readonly Choice[] = [['longText', long]]
const date: readonly Choice[] = [
  ['farDate', '"0001-01-01T00:00:00Z"'],
  ['farDate', '"9999-12-31T23:59:59.999999Z"'],
]
const integer: readonly Choice[] = [
  ['hugeInteger', '9223372036854775808'],
  ['hugeInteger', '-9223372036854775809'],
  ['hugeInteger', '123456789012345678901234567890'],
]
const number: readonly Choice[] = [
  ['longDecimal', '0.123456789012345678901234567891'],
  ['longDecimal', '-98765432109876543210.123456789012345678901234567890'],
  ['hugeExponent', '1e400'],
  ['hugeExponent', '-1E+400'],
]
const object: readonly Choice[] = [
  ['nulInJson', '{"text":"before\\u0000after"}'],
  ['nulInJson', '{"name\\u0000":1}'],
  ['loneSurrogateInJson', '{"text":"\\ud800"}'],
  ['hugeNumberInJson', '{"integer":123456789012345678901234567890,"decimal":0.123456789012345678901234567891}'],
  ['hugeNumberInJson', '{"exponent":1e400}'],
  ['deepJson', deep],
  ['prototypeKey', '{"__proto__":{"polluted":true},"constructor":{"prototype":{}},"toString":1}'],
]

/** A hostile value that fits the column, or `undefined` when there is none for its kind. */
export function hostileValue(column: Column, random: Random): Choice | undefined {
  const choices = choicesFor(column, random)
  return choices === undefined ? undefined : random.pick(choices)
}

function choicesFor({ kind, schema }: Column, random: Random): readonly Choice[] | undefined {
  if (kind === 'enum' || kind === 'enumArray') return undefined
  switch (schema.type) {
    case 'string':
      return schema.format === 'date-time' ? date : random.chance(0.04) ? rareText : text
    case 'integer':
      return integer
    case 'number':
      return number
    case 'boolean':
      return undefined
    case 'object':
      return object
    case 'array': {
      const [hostileClass, value] = random.pick(object)
      return [[hostileClass, `[${value}]`]]
    }
  }
}

const decorations: readonly ((key: string) => string)[] = [
  (key) => `../${key}`,
  (key) => `a/b\\${key}`,
  (key) => `${key} `,
  (key) => `é${key}`,
  (key) => `e\u0301${key}`,
  (key) => `${key}🚗`,
  (key) => `%2e%2e-${key}`,
  (key) => `'${key}"`,
  (key) => `${key}.json`,
  (key) => `${key}-${'x'.repeat(80)}`,
]

/** The key made odd, still unique. */
export function oddKey(key: string, random: Random): string {
  return random.pick(decorations)(key)
}
