import { ExactNumber, type JsonValue } from '@eds/core'
import { elementSpans, memberSpans } from './json-spans.js'

/** Parses JSON; a number that a double would change becomes an {@link ExactNumber}. */
export function parseExact(source: string): JsonValue {
  const text = source.trim()
  switch (text[0]) {
    case '{':
      return mayNeedExact(text) ? parseObject(text) : (JSON.parse(text) as JsonValue)
    case '[':
      return mayNeedExact(text) ? elementSpans(text).map(parseExact) : (JSON.parse(text) as JsonValue)
    case '"':
    case 't':
    case 'f':
    case 'n':
      return JSON.parse(text) as JsonValue
    default:
      return parseNumber(text)
  }
}

/** Numbers with fewer digits than this, and short exponents, always fit a double. A hit in a string only costs time. */
function mayNeedExact(text: string): boolean {
  return /[\d.]{16}|[eE][+-]?\d{3}/.test(text)
}

function parseObject(text: string): JsonValue {
  return Object.fromEntries(memberSpans(text).map(([name, source]) => [name, parseExact(source)]))
}

/** A double keeps any fifteen digits. */
const short = /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/
const shortLength = 15

function parseNumber(text: string): JsonValue {
  if (text.length <= shortLength && short.test(text)) return Number(text)
  const number: unknown = JSON.parse(text)
  if (typeof number !== 'number') throw new Error(`not JSON: ${text.slice(0, 40)}`)
  return canonicalNumber(String(number)) === canonicalNumber(text) ? number : new ExactNumber(text)
}

const decimal = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/
/** Beyond this many zeroes a number is written with an exponent. */
const maxZeroes = 40

/** A number's one spelling: `1E+3`, `1000.0` and `1000` become `1000`. Exact at any length; what is no number stays as it is. */
export function canonicalNumber(text: string): string {
  const match = decimal.exec(text)
  if (match === null) return text
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match
  const all = (whole + fraction).replace(/^0+/, '')
  const digits = withoutTrailingZeroes(all)
  if (digits === '') return '0'
  return sign + place(digits, Number(exponent) - fraction.length + all.length - digits.length)
}

function withoutTrailingZeroes(digits: string): string {
  let end = digits.length
  while (digits[end - 1] === '0') end--
  return digits.slice(0, end)
}

function place(digits: string, exponent: number): string {
  if (exponent > maxZeroes || exponent < -maxZeroes) return `${digits}e${exponent}`
  if (exponent >= 0) return digits + '0'.repeat(exponent)
  const padded = digits.padStart(1 - exponent, '0')
  return `${padded.slice(0, exponent)}.${padded.slice(exponent)}`
}

/** A value's one spelling: members sorted by code unit, numbers as {@link canonicalNumber}, no spaces. */
export function canonicalJson(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'number' || typeof value === 'bigint') return canonicalNumber(String(value))
  if (value instanceof ExactNumber) return canonicalNumber(value.text)
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value === 'object' && value !== null) return canonicalObject(value)
  return value === true ? 'true' : value === false ? 'false' : 'null'
}

function canonicalObject(object: object): string {
  const members = Object.entries(object).filter(([, value]) => value !== undefined)
  members.sort(([left], [right]) => (left < right ? -1 : 1))
  return `{${members.map(([name, value]) => `${JSON.stringify(name)}:${canonicalJson(value)}`).join(',')}}`
}
