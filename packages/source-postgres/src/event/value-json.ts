import { parseArray } from './array-text.js'
import type { ValueKind, ValueType } from './value-type.js'

const jsonNumber = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/
const timestampText = /^(\d{4,6}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d{1,6})?)(?:\+00(?::00)?)?$/

/** Text of a value as PostgreSQL writes it → JSON text. Digits stay as they are, so that no number loses any. */
export function valueJson(text: string, { kind, delimiter }: ValueType): string {
  if (delimiter === undefined) return scalarJson(text, kind)
  return arrayJson(parseArray(text, delimiter), kind)
}

function arrayJson(elements: readonly unknown[], kind: ValueKind): string {
  const parts = elements.map((element) => {
    if (Array.isArray(element)) return arrayJson(element, kind)
    return typeof element === 'string' ? scalarJson(element, kind) : 'null'
  })
  return `[${parts.join(',')}]`
}

function scalarJson(text: string, kind: ValueKind): string {
  switch (kind) {
    case 'integer':
    case 'number':
      // NaN and infinities are no JSON numbers.
      return jsonNumber.test(text) ? text : JSON.stringify(text)
    case 'boolean':
      return text === 't' ? 'true' : 'false'
    case 'json':
      return text
    default:
      return JSON.stringify(plainText(text, kind))
  }
}

/** The value as text, for keys: as in the row image, without JSON's quotes. */
export function plainText(text: string, kind: ValueKind): string {
  if (kind === 'bytes' && text.startsWith('\\x')) return Buffer.from(text.slice(2), 'hex').toString('base64')
  if (kind === 'timestamp') return rfc3339(text)
  if (kind === 'boolean') return text === 't' ? 'true' : 'false'
  return text
}

/** `2024-01-02 03:04:05.678+00` → `2024-01-02T03:04:05.678Z`; infinities and years before Christ stay as they are. */
function rfc3339(text: string): string {
  const match = timestampText.exec(text)
  return match ? `${match[1]}T${match[2]}Z` : text
}
