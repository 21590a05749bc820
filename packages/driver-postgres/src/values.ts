import type { JsonValue } from '@eds/core'
import { booleanAs, doubleOf, realOf, type ToText, textOf, UnfitValue } from '@eds/sql'
import { jsonbText } from './jsonb-text.js'

export const toDouble = doubleOf('DOUBLE PRECISION')
export const toReal = realOf('REAL')
export const toBoolean = booleanAs('t', 'f')
export const toJsonb: ToText = (value) => jsonbText(value)

/** For an SQL array of any element type: its literal, with elements in the text form of `toPlainText`. */
export const toArray: ToText = (value) => {
  if (!Array.isArray(value)) throw new UnfitValue('it is not an array')
  return arrayLiteral(value)
}

function arrayLiteral(values: readonly JsonValue[]): string {
  const elements = values.map((element) => {
    if (element === null) return 'NULL'
    if (Array.isArray(element)) return arrayLiteral(element)
    return `"${textOf(element).replace(/["\\]/g, '\\$&')}"`
  })
  return `{${elements.join(',')}}`
}
