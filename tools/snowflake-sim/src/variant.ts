import { ExactNumber, type JsonArray, type JsonObject, type JsonValue, parseJson } from '@eds/core'
import { parseDecimal, plainDecimal } from './decimal.js'
import { jsonRefused } from './sql-error.js'
import { type Decimal, Variant } from './value.js'

/** PARSE_JSON: numbers of up to 38 digits stay exact. */
export function parseVariant(text: string): Variant {
  try {
    // The parser promises JSON and no more; every JSON text is a JsonValue.
    return new Variant(parseJson(text) as JsonValue)
  } catch (error) {
    throw jsonRefused(error instanceof Error ? error.message : String(error))
  }
}

const isArray = (json: JsonValue): json is JsonArray => Array.isArray(json)

export const isObject = (json: JsonValue): json is JsonObject =>
  typeof json === 'object' && json !== null && !isArray(json) && !(json instanceof ExactNumber)

export { isArray }

export function numberToJson(value: Decimal): JsonValue {
  const text = plainDecimal(value)
  const double = Number(text)
  return String(double) === text ? double : new ExactNumber(text)
}

export function jsonToDecimal(json: number | ExactNumber): Decimal {
  return parseDecimal(String(json))
}

/** JSON text with sorted keys, as the service stores objects; `indent` 2 is how results carry it, 0 how casts write it. */
export function writeJson(json: JsonValue, indent = 0, level = 0): string {
  if (json === null || typeof json === 'boolean') return String(json)
  if (typeof json === 'number') return String(json)
  if (json instanceof ExactNumber) return json.text
  if (typeof json === 'string') return JSON.stringify(json)
  const write = (item: JsonValue) => writeJson(item, indent, level + 1)
  if (isArray(json)) return enclose('[', json.map(write), ']', indent, level)
  const colon = indent === 0 ? ':' : ': '
  const fields = Object.keys(json)
    .sort()
    .map((key) => `${JSON.stringify(key)}${colon}${write(json[key] ?? null)}`)
  return enclose('{', fields, '}', indent, level)
}

function enclose(open: string, parts: readonly string[], close: string, indent: number, level: number): string {
  if (indent === 0 || parts.length === 0) return open + parts.join(',') + close
  const inner = ' '.repeat(indent * (level + 1))
  return `${open}\n${inner}${parts.join(`,\n${inner}`)}\n${' '.repeat(indent * level)}${close}`
}
