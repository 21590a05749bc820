import { ExactNumber, type JsonValue, stringifyJson } from '@eds/core'
import type { ColumnKind } from './parquet-columns.js'

/** What a Parquet column holds. JSON is text in bytes. */
export type ParquetValue = string | number | bigint | boolean | Uint8Array | null

const loneSurrogate = /\p{Cs}/u
const wholeNumber = /^-?\d{1,19}$/
const maxInteger = 2n ** 63n - 1n
const minInteger = -(2n ** 63n)
const encoder = new TextEncoder()

/** A row's value as its column holds it; `undefined` when that would lose something. */
export function parquetValue(kind: ColumnKind, value: JsonValue | undefined): ParquetValue | undefined {
  if (value === null || value === undefined) return null
  switch (kind) {
    case 'text':
      return typeof value === 'string' && !loneSurrogate.test(value) ? value : undefined
    case 'integer':
      return integerOf(value)
    case 'number':
      return typeof value === 'number' ? value : undefined
    case 'boolean':
      return typeof value === 'boolean' ? value : undefined
    case 'time':
      return typeof value === 'string' ? microsecondsOf(value) : undefined
    case 'json':
      return encoder.encode(stringifyJson(value))
  }
}

/** A value of the primary key that is known as text only. */
export function keyValue(kind: ColumnKind, text: string): ParquetValue | undefined {
  switch (kind) {
    case 'integer':
      return wholeNumber.test(text) ? inRange(BigInt(text)) : undefined
    case 'number':
      return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : undefined
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : undefined
    default:
      return parquetValue(kind, text)
  }
}

/** A plain number is exact whatever its size: those that a double would change come as {@link ExactNumber}. */
function integerOf(value: JsonValue): bigint | undefined {
  if (typeof value === 'number') return Number.isInteger(value) ? inRange(BigInt(value)) : undefined
  return value instanceof ExactNumber && wholeNumber.test(value.text) ? inRange(BigInt(value.text)) : undefined
}

function inRange(value: bigint): bigint | undefined {
  return value >= minInteger && value <= maxInteger ? value : undefined
}

const dateTime =
  /^(\d{4}-\d\d-\d\d)[Tt ]((?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d)(?:\.(\d{1,6})0*)?(?:[Zz]|([+-])([01]\d|2[0-3]):?([0-5]\d))$/

/** RFC 3339 → microseconds since 1970; `undefined` for a day that does not exist and for digits beyond microseconds. */
export function microsecondsOf(text: string): bigint | undefined {
  const [, day, clock, fraction = '', sign, hours = '0', minutes = '0'] = dateTime.exec(text) ?? []
  if (day === undefined || clock === undefined) return undefined
  const time = new Date(`${day}T${clock}Z`)
  if (Number.isNaN(time.getTime()) || !time.toISOString().startsWith(day)) return undefined
  const offsetMs = (Number(hours) * 60 + Number(minutes)) * 60_000 * (sign === '-' ? -1 : 1)
  return BigInt(time.getTime() - offsetMs) * 1_000n + BigInt(fraction.padEnd(6, '0'))
}
