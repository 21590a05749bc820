import type { ColumnSchema } from '@eds/core'
import type { ToText, TypeSupport } from '@eds/sql'
import * as common from '@eds/sql'
import type { MysqlCatalogColumn } from './catalog.js'
import * as own from './values.js'

const emptyJson = { empty: { array: '[]', object: '{}' } }

/** Bytes that a column of the type takes (https://dev.mysql.com/doc/refman/8.0/en/storage-requirements.html). */
const textBytes: Readonly<Record<string, number>> = {
  tinytext: 255,
  text: 65_535,
  mediumtext: 16_777_215,
  longtext: 4_294_967_295,
}

const integerBits: Readonly<Record<string, bigint>> = {
  tinyint: 8n,
  smallint: 16n,
  mediumint: 24n,
  int: 32n,
  bigint: 64n,
}

/** How to write into a column of the database; `undefined` when EDS cannot. */
export function typeSupport(column: MysqlCatalogColumn): TypeSupport | undefined {
  const { type, characterSet = '' } = column
  const maxBytes = textBytes[type]
  // Only of UTF-8 do we know how many bytes a text takes; the server judges the others.
  if (maxBytes !== undefined) {
    return { toText: characterSet.startsWith('utf8') ? own.textWithin(maxBytes) : common.toServerText, ...emptyJson }
  }
  if (type === 'varchar') return { toText: common.toPlainText, ...emptyJson }
  if (type === 'char') return { toText: own.toFixedText, ...emptyJson }
  if (type === 'json') return { toText: common.toJson, ...emptyJson }
  const toText = numberText(column) ?? otherText(column)
  return toText === undefined ? undefined : { toText }
}

function numberText({ type, fullType, precision, scale }: MysqlCatalogColumn): ToText | undefined {
  const bits = integerBits[type]
  if (bits !== undefined) {
    return fullType.includes('unsigned')
      ? own.integerOrBoolean(0n, 2n ** bits - 1n)
      : own.integerOrBoolean(-(2n ** (bits - 1n)), 2n ** (bits - 1n) - 1n)
  }
  switch (type) {
    case 'decimal':
      return common.decimalWithin(precision, scale)
    case 'float':
      return common.realOf('FLOAT')
    case 'double':
      // DOUBLE(10,2) rounds, as who chose it has asked for.
      return fullType.includes('(') ? common.toNumeric : common.doubleOf('DOUBLE')
    case 'bit':
      return own.integerOrBoolean(0n, 2n ** BigInt(precision || 1) - 1n)
    case 'year':
      return common.integerBetween(1901n, 2155n)
    default:
      return undefined
  }
}

function otherText({ type, fullType, scale }: MysqlCatalogColumn): ToText | undefined {
  switch (type) {
    case 'datetime':
      return common.utcTextWith(scale)
    case 'timestamp':
      return own.timestampWith(scale)
    case 'date':
      return common.toDay
    case 'enum':
      return own.memberOf(own.membersOfType(fullType))
    case 'set':
      return own.membersOf(own.membersOfType(fullType))
    case 'uuid':
      return own.toUuidText
    case 'time':
    case 'inet4':
    case 'inet6':
      return common.toServerText
    default:
      // Binary strings and shapes: JSON has no one way to write them.
      return undefined
  }
}

/** The type of a column that EDS creates, other than a text of the key. */
export function columnType({ type, format, items }: ColumnSchema): string {
  switch (type) {
    case 'string':
      return format === 'date-time' ? 'DATETIME(6)' : 'LONGTEXT'
    case 'integer':
      return 'BIGINT'
    case 'number':
      return 'DOUBLE'
    case 'boolean':
      return 'BOOLEAN'
    case 'object':
      return 'JSON'
    case 'array':
      return items?.enum === undefined ? 'JSON' : 'VARCHAR(64)'
  }
}

/** SQL around a parameter, so that it is compared with the column as what it is, and not as a double or a text. */
export function comparedPlaceholder({ type, fullType, precision, scale }: MysqlCatalogColumn): string {
  if (integerBits[type] !== undefined || type === 'bit' || type === 'year') {
    return `CAST(? AS ${fullType.includes('unsigned') || type === 'bit' ? 'UNSIGNED' : 'SIGNED'})`
  }
  if (type === 'decimal') return `CAST(? AS DECIMAL(${precision},${scale}))`
  if (type === 'datetime' || type === 'timestamp') return `CAST(? AS DATETIME(${scale}))`
  return type === 'date' ? 'CAST(? AS DATE)' : '?'
}
