import { type ColumnSchema, ExactNumber, type JsonValue } from '@eds/core'
import * as common from '@eds/sql'
import { type ToText, type TypeSupport, UnfitValue } from '@eds/sql'
import type { SnowflakeCatalogColumn } from './catalog.js'
import { variantText } from './json-value.js'

/** Longest text that a column holds, however many characters it is declared with (https://docs.snowflake.com/en/sql-reference/data-types-text). */
const maxTextBytes = 16 * 1024 * 1024

/** What a type is to EDS. */
interface Type extends TypeSupport {
  /** SQL that turns a staged text into a value. */
  cast(text: string): string
  /** True when values stand in JSON files as they are, false when they are JSON strings. */
  readonly bare: boolean
}

const toBoolean = common.booleanAs('true', 'false')
const toDouble = common.doubleOf('FLOAT')

const toText: ToText = (value, limits) => {
  const text = common.toPlainText(value, limits)
  if (text.length * 3 > maxTextBytes && Buffer.byteLength(text) > maxTextBytes) {
    throw new UnfitValue('it is longer than 16 MB')
  }
  return text
}

function jsonOf(what: string, accepts: (value: JsonValue) => boolean): ToText {
  return (value) => {
    if (!accepts(value)) throw new UnfitValue(`it is not ${what}`)
    const text = variantText(value)
    if (text.length * 3 > maxTextBytes && Buffer.byteLength(text) > maxTextBytes) {
      throw new UnfitValue('it is longer than 16 MB')
    }
    return text
  }
}

const isArray = (value: JsonValue) => Array.isArray(value)
const isObject = (value: JsonValue) =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof ExactNumber)

const texts: Type = {
  toText,
  empty: { array: '[]', object: '{}', string: '', number: '0', integer: '0', boolean: 'false' },
  cast: (text) => text,
  bare: false,
}

function timestamp({ scale = 9 }: SnowflakeCatalogColumn, name: string, zone: string): Type {
  const inUtc = common.utcTextWith(scale)
  return {
    toText: (value, limits) => inUtc(value, limits).replace(' ', 'T') + zone,
    cast: (text) => `TO_${name}(${text})`,
    bare: false,
  }
}

const types: Readonly<Record<string, (column: SnowflakeCatalogColumn) => Type>> = {
  TEXT: () => texts,
  NUMBER: ({ precision = 38, scale = 0 }) => ({
    toText: common.decimalWithin(precision, scale),
    empty: { number: '0', integer: '0' },
    cast: (text) => `${text}::NUMBER(${precision},${scale})`,
    bare: true,
  }),
  FLOAT: () => ({
    toText: toDouble,
    empty: { number: '0', integer: '0' },
    cast: (text) => `${text}::FLOAT`,
    bare: true,
  }),
  BOOLEAN: () => ({ toText: toBoolean, empty: { boolean: 'false' }, cast: (text) => `${text}::BOOLEAN`, bare: true }),
  DATE: () => ({ toText: common.toDay, cast: (text) => `TO_DATE(${text})`, bare: false }),
  TIMESTAMP_NTZ: (column) => timestamp(column, 'TIMESTAMP_NTZ', ''),
  TIMESTAMP_LTZ: (column) => timestamp(column, 'TIMESTAMP_LTZ', '+00:00'),
  TIMESTAMP_TZ: (column) => timestamp(column, 'TIMESTAMP_TZ', '+00:00'),
  VARIANT: () => ({
    toText: jsonOf('JSON', () => true),
    empty: { array: '[]', object: '{}' },
    cast: (text) => `PARSE_JSON(${text})`,
    bare: true,
  }),
  OBJECT: () => ({
    toText: jsonOf('an object', isObject),
    empty: { object: '{}' },
    cast: (text) => `PARSE_JSON(${text})::OBJECT`,
    bare: true,
  }),
  ARRAY: () => ({
    toText: jsonOf('an array', isArray),
    empty: { array: '[]' },
    cast: (text) => `PARSE_JSON(${text})::ARRAY`,
    bare: true,
  }),
}

/** How to write into a column of the database; `undefined` when EDS cannot (BINARY, TIME, GEOGRAPHY, VECTOR, …). */
export function typeOf(column: SnowflakeCatalogColumn): Type | undefined {
  return Object.hasOwn(types, column.type) ? types[column.type]?.(column) : undefined
}

/** The type of a column that EDS creates. */
export function columnType({ type, format, items }: ColumnSchema): string {
  switch (type) {
    case 'string':
      return format === 'date-time' ? 'TIMESTAMP_NTZ(9)' : 'STRING'
    case 'integer':
      return 'INTEGER'
    case 'number':
      return 'FLOAT'
    case 'boolean':
      return 'BOOLEAN'
    case 'object':
      return 'STRING'
    case 'array':
      return items?.enum === undefined ? 'VARIANT' : 'STRING'
  }
}
