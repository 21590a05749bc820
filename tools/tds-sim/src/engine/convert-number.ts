import { arithmeticOverflow, conversionFailed, dataTypeConversion, SqlError } from './sql-error.js'
import { textOf } from './text-of.js'
import { displayName, isFloat, limitsOf, type SqlType, type Value } from './types.js'

/** Converts to BIT, the integers, DECIMAL, FLOAT or REAL. */
export function convertToNumber(value: Exclude<Value, null>, from: SqlType, to: SqlType): Value {
  if (isFloat(to)) return toFloat(value, from, to)
  if (to.name === 'decimal') return toDecimal(value, from, to)
  if (to.name === 'bit') return toBit(value, from)
  return toInteger(value, from, to)
}

function toFloat(value: Exclude<Value, null>, from: SqlType, to: SqlType): number {
  const text = typeof value === 'number' ? '' : textOf(value, from).trim()
  const number = typeof value === 'number' ? value : Number(text || '0')
  if (Number.isNaN(number)) throw dataTypeConversion(displayName(from), to.name)
  const fits = to.name === 'real' ? Math.fround(number) : number
  if (!Number.isFinite(fits)) throw arithmeticOverflow(to.name)
  return fits
}

function toBit(value: Exclude<Value, null>, from: SqlType): bigint {
  if (typeof value === 'bigint') return value === 0n ? 0n : 1n
  if (typeof value === 'number') return value === 0 ? 0n : 1n
  const text = textOf(value, from).trim().toLowerCase()
  if (text === 'true' || text === 'false') return text === 'true' ? 1n : 0n
  if (/^[+-]?\d*$/.test(text)) return /^[+-]?0*$/.test(text) ? 0n : 1n
  throw conversionFailed(text, displayName(from), 'bit')
}

function toInteger(value: Exclude<Value, null>, from: SqlType, to: SqlType): bigint {
  const integer = wholeOf(value, from, to)
  const [least, greatest] = limitsOf(to) ?? [0n, 0n]
  if (integer >= least && integer <= greatest) return integer
  if (typeof value === 'string' && to.name !== 'bigint') {
    throw new SqlError(
      248,
      `The conversion of the ${displayName(from)} value '${value}' overflowed an ${to.name} column.`,
    )
  }
  if (to.name === 'tinyint' || to.name === 'smallint') {
    throw new SqlError(220, `Arithmetic overflow error for data type ${to.name}, value = ${integer}.`)
  }
  throw arithmeticOverflow(to.name)
}

function wholeOf(value: Exclude<Value, null>, from: SqlType, to: SqlType): bigint {
  if (typeof value === 'bigint') return from.name === 'decimal' ? value / 10n ** BigInt(from.scale) : value
  if (typeof value === 'number') return BigInt(Math.trunc(value))
  const text = textOf(value, from).trim()
  if (/^[+-]?\d+$/.test(text)) return BigInt(text.replace('+', ''))
  if (text === '') return 0n
  throw to.name === 'bigint'
    ? dataTypeConversion(displayName(from), 'bigint')
    : conversionFailed(text, displayName(from), to.name)
}

const decimalPattern = /^([+-]?)(\d*)(?:\.(\d*))?$/

function toDecimal(value: Exclude<Value, null>, from: SqlType, to: SqlType): bigint {
  const [unscaled, scale] = decimalOf(value, from)
  const result = rescale(unscaled, scale, to.scale)
  if ((result < 0n ? -result : result) < 10n ** BigInt(to.precision)) return result
  throw arithmeticOverflow('numeric')
}

/** Digits without their point, and how many stand behind it. Text in E notation is refused, as SQL Server does. */
function decimalOf(value: Exclude<Value, null>, from: SqlType): readonly [bigint, number] {
  if (typeof value === 'bigint') return [value, from.name === 'decimal' ? from.scale : 0]
  if (typeof value === 'number') return floatDigits(value)
  const text = textOf(value, from).trim()
  const match = decimalPattern.exec(text)
  if (!match || !/\d/.test(text)) throw dataTypeConversion(displayName(from), 'numeric')
  const [, sign = '', whole = '', fraction = ''] = match
  return [BigInt(`${sign === '-' ? '-' : ''}${whole || '0'}${fraction}`), fraction.length]
}

function floatDigits(value: number): readonly [bigint, number] {
  const [digits = '0', exponent = '0'] = value.toExponential(16).split('e')
  const unscaled = BigInt(digits.replace('.', ''))
  const scale = 16 - Number(exponent)
  return scale >= 0 ? [unscaled, scale] : [unscaled * 10n ** BigInt(-scale), 0]
}

function rescale(unscaled: bigint, from: number, to: number): bigint {
  if (to >= from) return unscaled * 10n ** BigInt(to - from)
  const divisor = 10n ** BigInt(from - to)
  const half = unscaled < 0n ? -divisor / 2n : divisor / 2n
  return (unscaled + half) / divisor
}
