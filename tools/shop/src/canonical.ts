import { type ColumnSchema, ExactNumber, type TableSchema } from '@eds/core'
import { canonicalJson, canonicalNumber, parseExact } from './exact-json.js'

/** Column name → the value's one spelling. Nulls and absent columns are not in it. */
export type CanonicalRow = ReadonlyMap<string, string>

/**
 * A row in a form that can be compared: whatever type a database gave a value back in (text, number, bigint, boolean, Date, parsed
 * JSON), equal values get equal text. Columns that the schema does not name are left out.
 *
 * | column | text |
 * |---|---|
 * | string | as it is |
 * | date-time | UTC with six fractional digits; without an offset it counts as UTC |
 * | integer | exact digits |
 * | number | the double's shortest form |
 * | boolean | `true`, `false`; also read from 1, 0, t, f |
 * | object, array | JSON with sorted members and exact numbers; text is parsed first |
 *
 * An object or array column that is required and not nullable counts as `{}` or `[]` when it is null, as destinations store it.
 */
export function canonicalRow(row: Readonly<Record<string, unknown>>, schema: TableSchema): CanonicalRow {
  const result = new Map<string, string>()
  for (const [name, column] of Object.entries(schema.properties)) {
    const text = canonicalValue(row[name], column) ?? emptyValue(name, column, schema)
    if (text !== undefined) result.set(name, text)
  }
  return result
}

function emptyValue(name: string, column: ColumnSchema, schema: TableSchema): string | undefined {
  if (column.nullable === true || !schema.required.includes(name)) return undefined
  return column.type === 'array' ? '[]' : column.type === 'object' ? '{}' : undefined
}

/** One value's one spelling; `undefined` for null and absent. See {@link canonicalRow}. */
export function canonicalValue(value: unknown, column: ColumnSchema): string | undefined {
  if (value === null || value === undefined) return undefined
  switch (column.type) {
    case 'string':
      return column.format === 'date-time' ? canonicalDateTime(value) : plainText(value)
    case 'integer':
      return canonicalNumber(plainText(value))
    case 'number':
      return canonicalDouble(plainText(value))
    case 'boolean':
      return canonicalBoolean(plainText(value))
    default:
      return jsonText(value)
  }
}

function plainText(value: unknown): string {
  if (typeof value === 'string') return value
  if (value instanceof Uint8Array) return Buffer.from(value).toString()
  if (value instanceof Date) return value.toISOString()
  if (typeof value === 'object' && !(value instanceof ExactNumber)) return canonicalJson(value)
  return String(value)
}

/** Text that is no number stays, so that it differs from every number. */
function canonicalDouble(text: string): string {
  const number = Number(text)
  return Number.isNaN(number) || text.trim() === '' ? text : canonicalNumber(String(number))
}

function canonicalBoolean(text: string): string {
  if (/^(?:1|t|true)$/i.test(text)) return 'true'
  return /^(?:0|f|false)$/i.test(text) ? 'false' : text
}

function jsonText(value: unknown): string {
  if (typeof value !== 'string' && !(value instanceof Uint8Array)) return canonicalJson(value)
  const text = plainText(value)
  try {
    return canonicalJson(parseExact(text))
  } catch {
    return `not JSON: ${text}`
  }
}

const dateTime = /^(\d{4,5})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:\.(\d+))?\s*(?:Z|([+-]\d\d)(?::?(\d\d))?)?$/i

/** `2024-07-05 12:30:00.5+02` → `2024-07-05T10:30:00.500000Z`; digits beyond the sixth stay unless they are zeroes. */
function canonicalDateTime(value: unknown): string {
  const text = plainText(value)
  const match = dateTime.exec(text)
  if (match === null) return text
  const [, year, month, day, hour, minute, second, fraction = '', offsetHour = '0', offsetMinute = '0'] = match
  const offset = Number(offsetHour) * 60 + (offsetHour.startsWith('-') ? -1 : 1) * Number(offsetMinute)
  const date = new Date(0)
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day))
  date.setUTCHours(Number(hour), Number(minute) - offset, Number(second))
  return `${date.toISOString().slice(0, -5)}.${fraction.replace(/0+$/, '').padEnd(6, '0')}Z`
}
