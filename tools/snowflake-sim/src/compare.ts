import { castValue } from './cast.js'
import { plainDecimal, rescale } from './decimal.js'
import { commonType, type SqlType } from './sql-type.js'
import { CalendarDate, Decimal, Timestamp, type Value, Variant } from './value.js'
import { writeJson } from './variant.js'

/** A text that is the same for equal values of one type and for those alone; undefined for NULL, which equals nothing. */
export function equalityKey(value: Value): string | undefined {
  if (value === null) return undefined
  if (value instanceof Decimal) return plainDecimal(value)
  if (value instanceof Timestamp) return String(value.nanos)
  if (value instanceof CalendarDate) return String(value.days)
  if (value instanceof Variant) return writeJson(value.json)
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex')
  return Object.is(value, -0) ? '0' : String(value)
}

/** Below zero, zero or above, of two values of one type; undefined when either is NULL. */
export function compareValues(left: Value, right: Value): number | undefined {
  if (left === null || right === null) return undefined
  if (left instanceof Decimal && right instanceof Decimal) {
    const scale = Math.max(left.scale, right.scale)
    return order(rescale(left, scale).unscaled, rescale(right, scale).unscaled)
  }
  if (left instanceof Timestamp && right instanceof Timestamp) return order(left.nanos, right.nanos)
  if (left instanceof CalendarDate && right instanceof CalendarDate) return order(left.days, right.days)
  if (typeof left === 'number' && typeof right === 'number') return order(left, right)
  if (typeof left === 'boolean' && typeof right === 'boolean') return order(Number(left), Number(right))
  if (typeof left === 'string' && typeof right === 'string') {
    return left === right ? 0 : Buffer.compare(Buffer.from(left), Buffer.from(right))
  }
  return order(equalityKey(left) ?? '', equalityKey(right) ?? '')
}

const order = <Ordered extends number | bigint | string>(left: Ordered, right: Ordered) =>
  left < right ? -1 : left > right ? 1 : 0

/** Converts both sides to the type that they are compared in. */
export function aligner(left: SqlType, right: SqlType) {
  const type = commonType(left, right)
  return {
    left: (value: Value) => alignedValue(value, left, type),
    right: (value: Value) => alignedValue(value, right, type),
  }
}

const alignedValue = (value: Value, from: SqlType, to: SqlType) =>
  from.name === to.name || value === null ? value : castValue(value, from, to)
