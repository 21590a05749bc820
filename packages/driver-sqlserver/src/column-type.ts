import type { ColumnSchema } from '@eds/core'
import {
  decimalWithin,
  integerBetween,
  type TypeSupport,
  toBigInteger,
  toNormalInteger,
  toSmallInteger,
} from '@eds/sql'
import type { SqlServerColumnFacts } from './catalog.js'
import * as own from './values.js'

/** Tells `a` from `A`, compares by code, and sorts like a file of texts. */
export const binaryCollation = 'Latin1_General_100_BIN2'

/** What stands for null in columns that may not be null, as the EDS server has always written it to SQL Server. */
const emptyText = { empty: { array: '', object: '{}' } }
const emptyNumber = { empty: { integer: '0', boolean: '0' } }

/** Whether a collation compares texts by code, so that no two texts are one (but for blanks at the end). */
export function isBinary(collation: string): boolean {
  return /_BIN2?(?:_UTF8)?$/i.test(collation)
}

type Facts = Pick<SqlServerColumnFacts, 'type' | 'precision' | 'scale' | 'collation'>

const supportByType: Readonly<Record<string, (column: Facts) => TypeSupport>> = {
  nvarchar: () => ({ toText: own.toUnicodeText, ...emptyText }),
  nchar: () => ({ toText: own.toUnicodeText, ...emptyText }),
  ntext: () => ({ toText: own.toUnicodeText, ...emptyText }),
  varchar: ({ collation }) => ({ toText: isUtf8(collation) ? own.toUtf8Text : own.toAsciiText, ...emptyText }),
  char: ({ collation }) => ({ toText: isUtf8(collation) ? own.toUtf8Text : own.toAsciiText, ...emptyText }),
  text: () => ({ toText: own.toAsciiText, ...emptyText }),
  bigint: () => ({ toText: toBigInteger, ...emptyNumber }),
  int: () => ({ toText: toNormalInteger, ...emptyNumber }),
  smallint: () => ({ toText: toSmallInteger, ...emptyNumber }),
  tinyint: () => ({ toText: integerBetween(0n, 255n), ...emptyNumber }),
  decimal: ({ precision, scale }) => ({ toText: decimalWithin(precision, scale), ...emptyNumber }),
  numeric: ({ precision, scale }) => ({ toText: decimalWithin(precision, scale), ...emptyNumber }),
  money: () => ({ toText: decimalWithin(18, 4), ...emptyNumber }),
  smallmoney: () => ({ toText: decimalWithin(9, 4), ...emptyNumber }),
  float: ({ precision }) => ({ toText: precision > 24 ? own.toFloat : own.toReal }),
  real: () => ({ toText: own.toReal }),
  bit: () => ({ toText: own.toBit, empty: { boolean: '0' } }),
  datetime2: ({ scale }) => ({ toText: own.toMoment(scale) }),
  datetimeoffset: ({ scale }) => ({ toText: own.toMomentWithOffset(scale) }),
  datetime: () => ({ toText: own.toDateTime }),
  smalldatetime: () => ({ toText: own.toSmallDateTime }),
  date: () => ({ toText: own.toDay }),
  time: ({ scale }) => ({ toText: own.toTimeOfDay(scale) }),
  uniqueidentifier: () => ({ toText: own.toUniqueIdentifier }),
}

/** How to write into a column of the database; `undefined` when EDS cannot (binary, XML, spatial and variant types). */
export function typeSupport(column: Facts): TypeSupport | undefined {
  return Object.hasOwn(supportByType, column.type) ? supportByType[column.type]?.(column) : undefined
}

const textTypes = new Set(['nvarchar', 'nchar', 'varchar', 'char', 'ntext', 'text'])

export function isText({ type }: Pick<Facts, 'type'>): boolean {
  return textTypes.has(type)
}

/** Staged as FLOAT: SQL Server's reading of decimal text is not always the nearest double. */
export function isFloat({ type }: Pick<Facts, 'type'>): boolean {
  return type === 'float' || type === 'real'
}

function isUtf8(collation: string | undefined): boolean {
  return collation?.endsWith('_UTF8') ?? false
}

/** The type as it is written in a cast or a definition. */
export function typeName({ type, precision, scale, maxLength }: SqlServerColumnFacts): string {
  const name = type.toUpperCase()
  if (type === 'decimal' || type === 'numeric') return `${name}(${precision}, ${scale})`
  if (type === 'datetime2' || type === 'datetimeoffset' || type === 'time') return `${name}(${scale})`
  if (type === 'ntext' || type === 'text' || !isText({ type })) return name
  return `${name}(${maxLength ?? 'MAX'})`
}

/** What {@link columnType} gives for a text key; the length is settled when the table is made. */
export const textKeyType = `NVARCHAR(255) COLLATE ${binaryCollation}`

/** The type of a column that EDS creates. An index takes no NVARCHAR(MAX), so text keys have a length. */
export function columnType(schema: ColumnSchema | undefined, isKey: boolean): string {
  switch (schema?.type) {
    case 'integer':
      return 'BIGINT'
    case 'number':
      return 'FLOAT'
    case 'boolean':
      return 'BIT'
    case 'array':
      if (schema.items?.enum !== undefined && !isKey) return 'NVARCHAR(64)'
  }
  return isKey ? textKeyType : 'NVARCHAR(MAX)'
}

/** A clustered key may have 900 bytes; numbers take 8 of them, characters two each. */
export function textKeyTypeAmong(textKeys: number, otherKeys: number): string {
  const length = Math.min(255, Math.floor((900 - 8 * otherKeys) / 2 / textKeys))
  return `NVARCHAR(${length}) COLLATE ${binaryCollation}`
}
