import type { SqlType, Value } from './types.js'

/**
 * What two equal values of a type have in common, for hash tables and primary keys. Text ignores case and blanks at the end, as
 * SQL Server's usual collation does; a binary collation ignores only the blanks.
 */
export function equalityKey(value: Value, type: SqlType): string | bigint | number | null {
  if (value === null || typeof value === 'bigint' || typeof value === 'number') return value
  if (typeof value === 'string') return foldText(value, type)
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex')
  return value.ticks
}

const foldText = (text: string, type: SqlType) => {
  const trimmed = text.replace(/ +$/, '')
  return type.binaryCollation ? trimmed : trimmed.toUpperCase()
}

/** Below, above or equal to zero; both values are of the type and neither is null. */
export function compareValues(left: Value, right: Value, type: SqlType): number {
  const a = equalityKey(left, type)
  const b = equalityKey(right, type)
  if (a === null || b === null) throw new TypeError('NULL has no place in an order')
  return a < b ? -1 : a > b ? 1 : 0
}
