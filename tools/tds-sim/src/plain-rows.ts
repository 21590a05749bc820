import type { ResultColumn } from './engine/select.js'
import type { Row } from './engine/table.js'
import { textOf } from './engine/text-of.js'
import type { SqlType, Value } from './engine/types.js'

/** A row as tests compare it: every value that a JavaScript number or boolean cannot hold exactly is text. */
export type PlainRow = Record<string, null | number | boolean | string | Uint8Array>

/** INT and smaller, FLOAT and REAL: number; BIT: boolean; VARBINARY: bytes; everything else text in full precision. */
export function toPlainRows(columns: readonly ResultColumn[], rows: readonly Row[]): PlainRow[] {
  return rows.map((row) =>
    Object.fromEntries(columns.map(({ name, type }, index) => [name, plain(row[index] ?? null, type)])),
  )
}

function plain(value: Value, type: SqlType): PlainRow[string] {
  if (value === null || typeof value === 'number' || value instanceof Uint8Array) return value
  if (type.name === 'bit') return value === 1n
  if (['int', 'smallint', 'tinyint'].includes(type.name)) return Number(value)
  return textOf(value, type)
}
