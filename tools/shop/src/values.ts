import type { Random } from './random.js'
import { hex } from './random.js'
import { stringValue, tokenValue, uuidText, wordsText } from './text.js'

/** Makes one value as JSON text. `choices` are the names in the brackets of the column's kind. */
export type ValueMaker = (random: Random, choices: readonly string[]) => string

const integerEdges = [
  '9223372036854775807',
  '-9223372036854775808',
  '9007199254740993',
  '-9007199254740993',
  '9007199254740992',
  '4294967296',
  '2147483648',
  '-2147483649',
  '0',
  '-1',
]

const numberEdges = [
  '1E+3',
  '2.5E+2',
  '1e-7',
  '1.7976931348623157e+308',
  '2.2250738585072014e-308',
  '0.1',
  '0.30000000000000004',
  '123456789.123456',
  '1e+21',
  '-0.5',
  '9007199254740992',
  '0',
]

/** Cents, counts, mileages; sometimes an edge or `1E+3`, which is an integer too. */
export const integerValue: ValueMaker = (random) => {
  if (random.chance(0.02)) return random.chance(0.3) ? `${1 + random.below(9)}E+3` : random.pick(integerEdges)
  return String(random.below(500_000) - 20_000)
}

/** Numbers that other systems gave: most of 15 digits at most, some of up to 63 bits. */
export const bigIntegerValue: ValueMaker = (random) => {
  if (random.chance(0.02)) return random.pick(integerEdges)
  const high = 1 + random.below(random.chance(0.08) ? 922_337_202 : 99_999)
  return `${random.chance(0.2) ? '-' : ''}${high}${String(random.uint32()).padStart(10, '0')}`
}

/** Decimals in the shortest form that a double gives back. */
export const numberValue: ValueMaker = (random) => {
  const draw = random.below(100)
  if (draw < 3) return random.pick(numberEdges)
  if (draw < 10) return String(random.uint32() / 0x1_0000_0000 + random.below(1000))
  return String((random.below(20_000_000) - 1_000_000) / 100)
}

export const booleanValue: ValueMaker = (random) => (random.uint32() & 1 ? 'true' : 'false')

const offsets = ['Z', 'Z', 'Z', 'Z', 'Z', 'Z', 'Z', 'Z', '+00:00', '-07:00', '+05:30', '-03:00']

/** RFC 3339 between 1990 and 2037, with 0 to 6 fractional digits, most of them in UTC. */
export const dateTimeValue: ValueMaker = (random) => {
  const seconds = 631_152_000 + random.below(1_514_764_800)
  const date = new Date(seconds * 1000).toISOString().slice(0, 19)
  const digits = random.below(7)
  const fraction = digits === 0 ? '' : `.${String(random.below(1_000_000)).padStart(6, '0').slice(0, digits)}`
  return `"${date}${fraction}${random.pick(offsets)}"`
}

export const enumValue: ValueMaker = (random, choices) => `"${random.pick(choices)}"`

/** One to three of the choices, each once; sometimes none. */
export const enumArrayValue: ValueMaker = (random, choices) => {
  if (random.chance(0.05)) return '[]'
  const first = random.below(choices.length)
  const count = 1 + random.below(Math.min(3, choices.length))
  let text = `"${choices[first]}"`
  for (let index = 1; index < count; index++) text += `,"${choices[(first + index) % choices.length]}"`
  return `[${text}]`
}

/** A small flat object. */
export const objectValue: ValueMaker = (random) => {
  if (random.chance(0.04)) return '{}'
  return `{"source":"${random.pick(['web', 'phone', 'walk-in'])}","note":"${wordsText(random, 2)}","count":${random.below(100)},"rate":${numberValue(random, [])},"externalId":${bigIntegerValue(random, [])},"active":${booleanValue(random, [])},"tag":null}`
}

/** Objects and arrays in each other, 3 to 8 levels deep, with every JSON type, odd names and spaces between the tokens. */
export const deepObjectValue: ValueMaker = (random) => `{"tree": ${nested(random, 2 + random.below(6))}}`

const memberNames = [
  'name',
  'value',
  'items',
  'Näme 🚗',
  'with \\"quote\\"',
  'a.b',
  '$ref',
  '',
  'constructor',
  'Z',
  'z',
  '10',
  '9',
]

function nested(random: Random, depth: number): string {
  if (depth === 0) return leaf(random)
  const inner = nested(random, depth - 1)
  const first = random.below(memberNames.length)
  const second = (first + 1 + random.below(memberNames.length - 1)) % memberNames.length
  if (random.chance(0.3)) return `[${inner}, ${leaf(random)}, []]`
  return `{"${memberNames[first]}": ${inner}, "${memberNames[second]}": ${leaf(random)}}`
}

function leaf(random: Random): string {
  switch (random.below(6)) {
    case 0:
      return 'null'
    case 1:
      return booleanValue(random, [])
    case 2:
      return bigIntegerValue(random, [])
    case 3:
      return numberValue(random, [])
    case 4:
      return '{}'
    default:
      return `"${wordsText(random, 3)}"`
  }
}

/** Line items. */
export const arrayValue: ValueMaker = (random) => {
  const count = random.below(4)
  let text = ''
  for (let index = 0; index < count; index++) {
    text += `${index === 0 ? '' : ','}{"name":"${wordsText(random, 2)}","quantity":${1 + random.below(9)},"price":${numberValue(random, [])}}`
  }
  return `[${text}]`
}

export const stringArrayValue: ValueMaker = (random) =>
  random.chance(0.2) ? '[]' : `["${wordsText(random, 1)}","${wordsText(random, 2)}"]`

export const uuidValue: ValueMaker = (random) => `"${uuidText(random)}"`
export const hashValue: ValueMaker = (random) => `"${random.hex8()}${random.hex8()}${hex(random.below(256), 2)}"`
export const nameValue: ValueMaker = (random) => stringValue(random, 2)
export const textValue: ValueMaker = (random) => stringValue(random, 6)
/** A paragraph; now and then a page. */
export const longTextValue: ValueMaker = (random) => stringValue(random, random.chance(0.03) ? 240 : 45)
export const secretTokenValue: ValueMaker = tokenValue
