import { convertToMoment } from './convert-moment.js'
import { convertToNumber } from './convert-number.js'
import { operandClash, SqlError } from './sql-error.js'
import { textOf } from './text-of.js'
import { displayName, isMoment, isNumeric, isText, type SqlType, type Value } from './types.js'

/**
 * Converts a value as CAST does: text and bytes that are too long are cut.
 * @throws {SqlError} with the server's number where the value cannot become one of the type.
 */
export function convert(value: Value, from: SqlType, to: SqlType): Value {
  if (value === null) return null
  const converted = convertWhole(value, from, to)
  if (to.length === 0 || converted === null) return converted
  if (typeof converted === 'string' && isText(to)) return converted.slice(0, to.length)
  return converted instanceof Uint8Array ? converted.subarray(0, to.length) : converted
}

/**
 * Converts a value that goes into a column: what is too long is refused with error 2628 (blanks at the end excepted).
 * @param place - names of the table and the column, for the message.
 */
export function convertForColumn(
  value: Value,
  from: SqlType,
  to: SqlType,
  place: { table: string; column: string },
): Value {
  if (value === null) return null
  const converted = convertWhole(value, from, to)
  if (to.length === 0 || converted === null) return converted
  if (typeof converted === 'string' && isText(to)) {
    const kept = converted.slice(0, to.length)
    if (/[^ ]/.test(converted.slice(to.length))) throw truncated(place, kept)
    return kept
  }
  if (converted instanceof Uint8Array && converted.length > to.length) throw truncated(place, '')
  return converted
}

function truncated(place: { table: string; column: string }, kept: string): SqlError {
  const { table, column } = place
  const message = `String or binary data would be truncated in table '${table}', column '${column}'. Truncated value: '${kept.slice(0, 100)}'.`
  return new SqlError(2628, message)
}

function convertWhole(value: Exclude<Value, null>, from: SqlType, to: SqlType): Value {
  if (from.name === to.name && from.scale === to.scale && from.precision <= to.precision) return value
  if (isNumeric(to)) {
    if (isMoment(from) || from.name === 'uniqueidentifier') throw operandClash(displayName(from), displayName(to))
    return convertToNumber(value, from, to)
  }
  if (isMoment(to)) return convertToMoment(value, from, to)
  if (isText(to)) return toText(value, from, to)
  if (to.name === 'uniqueidentifier') return toIdentifier(value, from)
  return toBytes(value, from)
}

/** VARCHAR keeps one byte per character (code page 1252 in the usual collation): anything else becomes a question mark. */
function toText(value: Exclude<Value, null>, from: SqlType, to: SqlType): string {
  const text = textOf(value, from)
  return to.name === 'varchar' ? text.replace(/[\u0100-\uffff]/g, '?') : text
}

const identifierPattern = /^\{?([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})/i

function toIdentifier(value: Exclude<Value, null>, from: SqlType): string {
  if (!isText(from)) throw operandClash(displayName(from), 'uniqueidentifier')
  const match = identifierPattern.exec(textOf(value, from))
  if (match?.[1]) return match[1].toUpperCase()
  throw new SqlError(8169, 'Conversion failed when converting from a character string to uniqueidentifier.', {
    reach: 'transaction',
  })
}

function toBytes(value: Exclude<Value, null>, from: SqlType): Uint8Array {
  if (value instanceof Uint8Array) return value
  if (typeof value === 'string' && isText(from)) {
    return Buffer.from(value, from.name === 'nvarchar' ? 'utf16le' : 'latin1')
  }
  if (typeof value !== 'bigint' || isMoment(from)) throw operandClash(displayName(from), 'varbinary')
  const width = { bit: 1, tinyint: 1, smallint: 2, int: 4 }[from.name as string] ?? 8
  return Buffer.from(
    BigInt.asUintN(width * 8, value)
      .toString(16)
      .padStart(width * 2, '0'),
    'hex',
  )
}
