/** Names of the data types that the server knows. */
export type TypeName =
  | 'bit'
  | 'tinyint'
  | 'smallint'
  | 'int'
  | 'bigint'
  | 'decimal'
  | 'float'
  | 'real'
  | 'varchar'
  | 'nvarchar'
  | 'varbinary'
  | 'uniqueidentifier'
  | 'date'
  | 'time'
  | 'datetime'
  | 'datetime2'
  | 'datetimeoffset'

/** A data type with its length, precision and scale. */
export interface SqlType {
  readonly name: TypeName
  /** Characters of a text or bytes of a binary type; 0 means MAX. */
  readonly length: number
  /** Digits of a decimal. */
  readonly precision: number
  /** Digits after the point: of a decimal, or of the seconds of a time. */
  readonly scale: number
  /** The type as declared, where it differs from `name`: `numeric`, `char`, `nchar`, `binary`. */
  readonly declared?: string
  /** A binary collation: text is compared code unit by code unit. */
  readonly binaryCollation?: boolean
}

/** An instant with the zone that it was written in. */
export interface OffsetMoment {
  /** 100 ns since 0001-01-01T00:00:00Z. */
  readonly ticks: bigint
  readonly offsetMinutes: number
}

/**
 * A value as the engine keeps it. Integers and BIT: bigint; DECIMAL: bigint without its point; FLOAT and REAL: number; text and
 * UNIQUEIDENTIFIER (in capitals): string; DATE: bigint, days since 0001-01-01; TIME: bigint, 100 ns; DATETIME and DATETIME2:
 * bigint, 100 ns since 0001-01-01; DATETIMEOFFSET: {@link OffsetMoment}; VARBINARY: bytes.
 */
export type Value = null | bigint | number | string | Uint8Array | OffsetMoment

export const typeOf = (name: TypeName, length = 0, precision = 0, scale = 0): SqlType => ({
  name,
  length,
  precision,
  scale,
})

export const bigintType = typeOf('bigint')
export const intType = typeOf('int')
export const bitType = typeOf('bit')
export const nvarcharType = (length: number) => typeOf('nvarchar', length)

const integerLimits: Partial<Record<TypeName, readonly [bigint, bigint]>> = {
  bit: [0n, 1n],
  tinyint: [0n, 255n],
  smallint: [-32768n, 32767n],
  int: [-2147483648n, 2147483647n],
  bigint: [-9223372036854775808n, 9223372036854775807n],
}

/** Least and greatest value of an integer type; undefined for other types. */
export const limitsOf = (type: SqlType) => integerLimits[type.name]

export const isInteger = (type: SqlType) => type.name in integerLimits
export const isText = (type: SqlType) => type.name === 'nvarchar' || type.name === 'varchar'
export const isFloat = (type: SqlType) => type.name === 'float' || type.name === 'real'
export const isNumeric = (type: SqlType) => isInteger(type) || isFloat(type) || type.name === 'decimal'
const momentTypes: readonly TypeName[] = ['date', 'time', 'datetime', 'datetime2', 'datetimeoffset']
export const isMoment = (type: SqlType) => momentTypes.includes(type.name)

/** The type's name as SQL Server writes it, for messages: `nvarchar`, `numeric`. */
export const displayName = (type: SqlType) => type.declared ?? (type.name === 'decimal' ? 'numeric' : type.name)

const precedence: readonly TypeName[] = [
  'datetimeoffset',
  'datetime2',
  'datetime',
  'date',
  'time',
  'float',
  'real',
  'decimal',
  'bigint',
  'int',
  'smallint',
  'tinyint',
  'bit',
  'uniqueidentifier',
  'nvarchar',
  'varchar',
  'varbinary',
]

/**
 * The type that two operands meet in: the one of higher precedence, wide enough for both.
 * See https://learn.microsoft.com/sql/t-sql/data-types/data-type-precedence-transact-sql
 */
export function commonType(left: SqlType, right: SqlType): SqlType {
  const higher = precedence.indexOf(left.name) <= precedence.indexOf(right.name) ? left : right
  const lower = higher === left ? right : left
  if (higher.name === 'decimal') return widerDecimal(higher, asDecimal(lower))
  if (isText(higher) && isText(lower)) return widerText(higher, lower)
  if (higher.name === lower.name) {
    const length = higher.length === 0 || lower.length === 0 ? 0 : Math.max(higher.length, lower.length)
    return { ...higher, length, scale: Math.max(higher.scale, lower.scale) }
  }
  return higher
}

function widerText(left: SqlType, right: SqlType): SqlType {
  const length = left.length === 0 || right.length === 0 ? 0 : Math.max(left.length, right.length)
  return { ...left, length, binaryCollation: left.binaryCollation === true || right.binaryCollation === true }
}

const integerDigits: Partial<Record<TypeName, number>> = { bit: 1, tinyint: 3, smallint: 5, int: 10, bigint: 19 }

function asDecimal(type: SqlType): SqlType {
  return type.name === 'decimal' ? type : typeOf('decimal', 0, integerDigits[type.name] ?? 38, 0)
}

function widerDecimal(left: SqlType, right: SqlType): SqlType {
  const scale = Math.max(left.scale, right.scale)
  const whole = Math.max(left.precision - left.scale, right.precision - right.scale)
  return typeOf('decimal', 0, Math.min(38, whole + scale), scale)
}
