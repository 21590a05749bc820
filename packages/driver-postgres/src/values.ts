import { ExactNumber, type JsonValue } from '@eds/core'
import { checkDateTime, toDate, toUtcTimestamp } from './date-time.js'
import { type Decimal, integerText, parseDecimal, sameDecimal } from './decimal.js'
import { jsonbText, jsonText } from './json-text.js'
import { UnfitValue } from './unfit-value.js'

/** What a conversion may depend on besides the column's type. */
export interface ColumnLimits {
  /** Characters that a VARCHAR(n) takes; `Infinity` without a limit. */
  readonly maxLength: number
}

/**
 * Turns a value that is not null into text that PostgreSQL reads as the column's type, unchanged in meaning.
 *
 * @throws UnfitValue when the column cannot hold it.
 */
export type ToText = (value: JsonValue, limits: ColumnLimits) => string

export const toBigInteger: ToText = (value) => {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value)
  if (value instanceof ExactNumber && eighteenDigits.test(value.text)) return value.text
  return toInteger(value, -(2n ** 63n), 2n ** 63n - 1n)
}

/** Any of these fits into 64 bits. */
const eighteenDigits = /^-?\d{1,18}$/

export const toNormalInteger: ToText = (value) => toInteger(value, -(2n ** 31n), 2n ** 31n - 1n)
export const toSmallInteger: ToText = (value) => toInteger(value, -(2n ** 15n), 2n ** 15n - 1n)

function toInteger(value: JsonValue, lowest: bigint, highest: bigint): string {
  const text = integerText(decimalOf(value), 20)
  if (text === undefined) throw new UnfitValue('it is not an integer of this size')
  const exact = BigInt(text)
  if (exact < lowest || exact > highest) throw new UnfitValue(`it is not between ${lowest} and ${highest}`)
  return text
}

/** Takes a decimal only when the nearest double is exactly that number. */
export const toDouble: ToText = (value) => {
  if (typeof value === 'number' && Number.isFinite(value)) return String(value)
  const decimal = decimalOf(value)
  const nearest = Number(textOf(value))
  const held = Number.isFinite(nearest) ? parseDecimal(String(nearest)) : undefined
  if (held === undefined || !sameDecimal(held, decimal)) throw new UnfitValue('DOUBLE PRECISION would change it')
  return String(nearest)
}

/** Rounds, as who chose the type has asked for. */
export const toReal: ToText = (value) => {
  decimalOf(value)
  const nearest = Math.fround(Number(textOf(value)))
  if (!Number.isFinite(nearest) || (nearest === 0 && Number(textOf(value)) !== 0)) {
    throw new UnfitValue('it is out of the range of REAL')
  }
  return textOf(value)
}

export const toNumeric: ToText = (value) => {
  decimalOf(value)
  return textOf(value)
}

export const toBoolean: ToText = (value) => {
  if (value === true || value === 'true') return 't'
  if (value === false || value === 'false') return 'f'
  throw new UnfitValue('it is neither true nor false')
}

export const toPlainText: ToText = (value, { maxLength }) => {
  const text = typeof value === 'string' ? value : textOf(value)
  // Characters outside the basic plane count once in PostgreSQL and twice here.
  if (text.length > maxLength && [...text].length > maxLength) {
    throw new UnfitValue(`it is longer than ${maxLength} characters`)
  }
  return text
}

export const toTimestampWithZone: ToText = (value) => checkDateTime(textOnly(value))
export const toTimestamp: ToText = (value) => toUtcTimestamp(textOnly(value))
export const toDay: ToText = (value) => toDate(textOnly(value))
export const toJson: ToText = (value) => jsonText(value)
export const toJsonb: ToText = (value) => jsonbText(value)

const uuid = /^[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}$/i

export const toUuid: ToText = (value) => {
  const text = textOnly(value)
  if (!uuid.test(text)) throw new UnfitValue('it is not a UUID')
  return text
}

/** For an SQL array of any element type: its literal, with elements in the text form of {@link toPlainText}. */
export const toArray: ToText = (value) => {
  if (!Array.isArray(value)) throw new UnfitValue('it is not an array')
  return arrayLiteral(value)
}

function arrayLiteral(values: readonly JsonValue[]): string {
  const elements = values.map((element) => {
    if (element === null) return 'NULL'
    if (Array.isArray(element)) return arrayLiteral(element)
    return `"${textOf(element).replace(/["\\]/g, '\\$&')}"`
  })
  return `{${elements.join(',')}}`
}

/** For types that only the server understands (enumerations, INET, INTERVAL, …): it judges the text. */
export const toServerText: ToText = (value) => textOf(value)

function textOnly(value: JsonValue): string {
  if (typeof value === 'string') return value
  throw new UnfitValue('it is not a text')
}

/** Any value as text: scalars as they are written, objects and arrays as JSON. */
function textOf(value: JsonValue): string {
  if (typeof value === 'string') return value
  return typeof value === 'object' && !(value instanceof ExactNumber) ? jsonText(value) : String(value)
}

function decimalOf(value: JsonValue): Decimal {
  const isNumeric = typeof value === 'number' || typeof value === 'string' || value instanceof ExactNumber
  const decimal = isNumeric ? parseDecimal(String(value)) : undefined
  if (decimal === undefined) throw new UnfitValue('it is not a number')
  return decimal
}
