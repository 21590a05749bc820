import type { ExactNumber, JsonValue } from '@eds/core'
import { fitDecimal, parseDecimal } from './decimal.js'
import {
  binaryNotRecognized,
  booleanNotRecognized,
  castFailed,
  numberNotRecognized,
  numberOutOfRange,
  stringTooLong,
  unsupported,
} from './sql-error.js'
import { isTimestamp, maxTextLength, type SqlType, typeText } from './sql-type.js'
import {
  dateOf,
  formatDate,
  formatTimestamp,
  midnight,
  parseDate,
  parseTimestamp,
  truncateTimestamp,
} from './timestamp.js'
import { CalendarDate, Decimal, Timestamp, type Value, Variant } from './value.js'
import { isArray, isObject, jsonToDecimal, numberToJson, writeJson } from './variant.js'

/** Converts a value to a type as CAST and assignment to a column do; `from` tells what a timestamp's zone means. */
export function castValue(value: Value, from: SqlType, to: SqlType): Value {
  if (value === null) return null
  if (value instanceof Variant) return castVariant(value, to)
  switch (to.name) {
    case 'TEXT':
      return fitText(textOf(value, from), to.length)
    case 'NUMBER':
      return fitDecimal(decimalOf(value), to.precision, to.scale)
    case 'FLOAT':
      return floatOf(value)
    case 'BOOLEAN':
      return booleanOf(value)
    case 'DATE':
      return toDate(value)
    case 'BINARY':
      return binaryOf(value)
    case 'VARIANT':
    case 'OBJECT':
    case 'ARRAY':
      return castVariant(new Variant(jsonOf(value, from)), to)
    default:
      return truncateTimestamp(timestampOf(value, to), to.scale)
  }
}

/** The text of a value as CAST(… AS VARCHAR) writes it; `digits` of a second, 3 in the service's default format. */
export function textOf(value: Exclude<Value, null>, type: SqlType, digits = 3): string {
  if (value instanceof Timestamp) return formatTimestamp(value, type.name !== 'TIMESTAMP_NTZ', digits)
  if (value instanceof CalendarDate) return formatDate(value)
  if (value instanceof Variant) return typeof value.json === 'string' ? value.json : writeJson(value.json)
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex').toUpperCase()
  return String(value)
}

function fitText(text: string, length: number): string {
  if (text.length <= length && text.length * 3 <= maxTextLength) return text
  const characters = text.length > length ? [...text].length : text.length
  if (characters > length || Buffer.byteLength(text) > maxTextLength) throw stringTooLong(text)
  return text
}

function decimalOf(value: Exclude<Value, null>): Decimal {
  if (value instanceof Decimal) return value
  if (typeof value === 'boolean') return new Decimal(value ? 1n : 0n)
  if (typeof value === 'string') return parseDecimal(value)
  if (typeof value === 'number' && Number.isFinite(value)) return parseDecimal(String(value))
  throw numberNotRecognized(String(value))
}

function floatOf(value: Exclude<Value, null>): number {
  if (typeof value === 'number') return value
  if (value instanceof Decimal) return Number(value.toString())
  if (typeof value === 'boolean') return value ? 1 : 0
  if (typeof value !== 'string') throw numberNotRecognized(String(value))
  const special = /^\s*([+-]?)(nan|inf|infinity)\s*$/i.exec(value)
  if (special !== null) {
    if (special[2]?.toLowerCase() === 'nan') return Number.NaN
    return special[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
  }
  parseDecimal(value)
  const float = Number(value)
  if (!Number.isFinite(float)) throw numberOutOfRange(value)
  return float
}

function booleanOf(value: Exclude<Value, null>): boolean {
  if (typeof value === 'boolean') return value
  if (value instanceof Decimal) return value.unscaled !== 0n
  if (typeof value === 'number') return value !== 0
  const word = String(value).trim().toLowerCase()
  if (['true', 't', 'yes', 'y', 'on', '1'].includes(word)) return true
  if (['false', 'f', 'no', 'n', 'off', '0'].includes(word)) return false
  throw booleanNotRecognized(String(value))
}

function toDate(value: Exclude<Value, null>): CalendarDate {
  if (value instanceof CalendarDate) return value
  return value instanceof Timestamp ? dateOf(value) : parseDate(String(value))
}

function timestampOf(value: Exclude<Value, null>, to: SqlType): Timestamp {
  const zoned = to.name !== 'TIMESTAMP_NTZ'
  if (value instanceof CalendarDate) return midnight(value)
  if (value instanceof Decimal) return parseTimestamp(value.toString(), zoned)
  if (!(value instanceof Timestamp)) return localTimestamp(parseTimestamp(String(value), zoned), to)
  if (zoned) return localTimestamp(value, to)
  return new Timestamp(value.nanos + BigInt(value.offsetMinutes) * 60_000_000_000n)
}

/** TIMESTAMP_LTZ keeps the instant alone and shows it in the session's zone, which is UTC here. */
const localTimestamp = (value: Timestamp, to: SqlType) =>
  to.name === 'TIMESTAMP_LTZ' ? new Timestamp(value.nanos) : value

function binaryOf(value: Exclude<Value, null>): Uint8Array {
  if (value instanceof Uint8Array) return value
  const text = String(value)
  if (text.length % 2 !== 0 || /[^0-9a-f]/i.test(text)) throw binaryNotRecognized(text)
  return Buffer.from(text, 'hex')
}

function jsonOf(value: Exclude<Value, null>, from: SqlType): JsonValue {
  if (value instanceof Variant) return value.json
  if (value instanceof Decimal) return numberToJson(value)
  if (typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number') return value
  return textOf(value, from, 3)
}

function castVariant(value: Variant, to: SqlType): Value {
  const { json } = value
  if (to.name === 'VARIANT') return value
  if (to.name === 'OBJECT' || to.name === 'ARRAY') {
    if (to.name === 'OBJECT' ? isObject(json) : isArray(json)) return value
    if (json === null) return null
    throw castFailed(writeJson(json).slice(0, 100), to.name)
  }
  if (json === null) return null
  if (to.name === 'TEXT') return fitText(typeof json === 'string' ? json : writeJson(json), to.length)
  return castScalar(json, to)
}

function castScalar(json: Exclude<JsonValue, null>, to: SqlType): Value {
  const text: SqlType = { name: 'TEXT', length: maxTextLength }
  if (typeof json === 'string' || typeof json === 'boolean') {
    if (typeof json === 'boolean' && (isTimestamp(to) || to.name === 'DATE'))
      throw castFailed(String(json), typeText(to))
    return castValue(json, text, to)
  }
  if (isArray(json) || isObject(json)) throw castFailed(writeJson(json).slice(0, 100), typeText(to))
  return castValue(jsonToDecimal(json as number | ExactNumber), text, to)
}

/** TRY_CAST: NULL where CAST fails; other failures stay failures. */
export function tryCastValue(value: Value, from: SqlType, to: SqlType): Value {
  if (value !== null && from.name !== 'TEXT') throw unsupported('TRY_CAST of anything but a string')
  try {
    return castValue(value, from, to)
  } catch {
    return null
  }
}
