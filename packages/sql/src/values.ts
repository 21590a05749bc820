import { ExactNumber, type JsonValue } from '@eds/core'
import type { ToText } from './column-plan.js'
import { checkDateTime, toDate, toUtcText, toUtcTimestamp } from './date-time.js'
import { type Decimal, integerText, parseDecimal, sameDecimal } from './decimal.js'
import { jsonText } from './json-text.js'
import { UnfitValue } from './unfit-value.js'

/** Any of these fits into 64 bits. */
const eighteenDigits = /^-?\d{1,18}$/

/** 64 bits, signed. */
export const toBigInteger: ToText = (value) => {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value)
  if (value instanceof ExactNumber && eighteenDigits.test(value.text)) return value.text
  return toInteger(value, -(2n ** 63n), 2n ** 63n - 1n)
}

/** Integers of a range, inclusive. */
export function integerBetween(lowest: bigint, highest: bigint): ToText {
  return (value) => toInteger(value, lowest, highest)
}

export const toNormalInteger: ToText = integerBetween(-(2n ** 31n), 2n ** 31n - 1n)
export const toSmallInteger: ToText = integerBetween(-(2n ** 15n), 2n ** 15n - 1n)

function toInteger(value: JsonValue, lowest: bigint, highest: bigint): string {
  const text = integerText(decimalOf(value), Math.max(20, String(highest).length))
  if (text === undefined) throw new UnfitValue('it is not an integer of this size')
  const exact = BigInt(text)
  if (exact < lowest || exact > highest) throw new UnfitValue(`it is not between ${lowest} and ${highest}`)
  return text
}

/** 64-bit floating point. Takes a decimal only when the nearest double is exactly that number. `type`: for messages. */
export function doubleOf(type: string): ToText {
  return (value) => {
    if (typeof value === 'number' && Number.isFinite(value)) return String(value)
    const decimal = decimalOf(value)
    const nearest = Number(textOf(value))
    const held = Number.isFinite(nearest) ? parseDecimal(String(nearest)) : undefined
    if (held === undefined || !sameDecimal(held, decimal)) throw new UnfitValue(`${type} would change it`)
    return String(nearest)
  }
}

/** 32-bit floating point. Rounds, as who chose the type has asked for. `type`: for messages. */
export function realOf(type: string): ToText {
  return (value) => {
    decimalOf(value)
    const nearest = Math.fround(Number(textOf(value)))
    if (!Number.isFinite(nearest) || (nearest === 0 && Number(textOf(value)) !== 0)) {
      throw new UnfitValue(`it is out of the range of ${type}`)
    }
    return textOf(value)
  }
}

/** Decimals of any size, for databases that judge by themselves without rounding or where rounding was asked for. */
export const toNumeric: ToText = (value) => {
  decimalOf(value)
  return textOf(value)
}

/** Decimals that a column of so many digits, `scale` of them behind the point, holds exactly; written without exponent. */
export function decimalWithin(precision: number, scale: number): ToText {
  return (value) => {
    const { negative, digits, exponent } = decimalOf(value)
    const whole = Math.max(digits.length + exponent, 0)
    if (-exponent > scale || whole > precision - scale) {
      throw new UnfitValue(`a decimal of ${precision} digits, ${scale} of them behind the point, would change it`)
    }
    if (digits === '') return '0'
    const padded = exponent >= 0 ? digits + '0'.repeat(exponent) : digits.padStart(1 - exponent, '0')
    const point = exponent >= 0 ? padded : `${padded.slice(0, exponent)}.${padded.slice(exponent)}`
    return (negative ? '-' : '') + point
  }
}

/** `whenTrue` or `whenFalse`. */
export function booleanAs(whenTrue: string, whenFalse: string): ToText {
  return (value) => {
    if (value === true || value === 'true') return whenTrue
    if (value === false || value === 'false') return whenFalse
    throw new UnfitValue('it is neither true nor false')
  }
}

/** Any value as text; `maxLength` counts characters, those outside the basic plane once. */
export const toPlainText: ToText = (value, { maxLength }) => {
  const text = textOf(value)
  // `length` counts characters outside the basic plane twice.
  if (text.length > maxLength && [...text].length > maxLength) {
    throw new UnfitValue(`it is longer than ${maxLength} characters`)
  }
  return text
}

/** For types that take an RFC 3339 text as it is. */
export const toTimestampWithZone: ToText = (value) => checkDateTime(textOnly(value))
/** For types without a zone that take RFC 3339 in UTC. */
export const toTimestamp: ToText = (value) => toUtcTimestamp(textOnly(value))
/** `2024-07-11 17:56:51.708587` in UTC with so many digits of a second. */
export function utcTextWith(digits: number): ToText {
  return (value) => toUtcText(textOnly(value), digits)
}
export const toDay: ToText = (value) => toDate(textOnly(value))
export const toJson: ToText = (value) => jsonText(value)

const uuid = /^[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}$/i

export const toUuid: ToText = (value) => {
  const text = textOnly(value)
  if (!uuid.test(text)) throw new UnfitValue('it is not a UUID')
  return text
}

/** For types that only the server understands: it judges the text. */
export const toServerText: ToText = (value) => textOf(value)

/** @throws UnfitValue for what is no string. */
export function textOnly(value: JsonValue): string {
  if (typeof value === 'string') return value
  throw new UnfitValue('it is not a text')
}

/** Any value as text: scalars as they are written, objects and arrays as JSON. */
export function textOf(value: JsonValue): string {
  if (typeof value === 'string') return value
  return typeof value === 'object' && !(value instanceof ExactNumber) ? jsonText(value) : String(value)
}

function decimalOf(value: JsonValue): Decimal {
  const isNumeric = typeof value === 'number' || typeof value === 'string' || value instanceof ExactNumber
  const decimal = isNumeric ? parseDecimal(String(value)) : undefined
  if (decimal === undefined) throw new UnfitValue('it is not a number')
  return decimal
}
