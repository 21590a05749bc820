import { ExactNumber, type JsonArray, type JsonObject, type JsonValue } from '@eds/core'
import { UnfitValue } from './unfit-value.js'

/**
 * Escapes that `JSON.stringify` writes and jsonb cannot take: NUL, and half a surrogate pair. An even number of backslashes in
 * front means that the backslash of `\u` is itself escaped, and the text harmless.
 */
const nulEscape = /(?<!\\)(?:\\\\)*\\u0000/
const surrogateEscape = /(?<!\\)(?:\\\\)*\\ud[89a-f]/

/** A value as JSON text; numbers that a double cannot hold keep their digits. */
export function jsonText(value: JsonValue): string {
  try {
    // The native function is fastest and refuses exact numbers; looking for them costs little next to its refusal.
    return holdsExactNumber(value) ? exactText(value) : JSON.stringify(value)
  } catch (error) {
    if (error instanceof RangeError) throw new UnfitValue('its JSON is nested too deeply')
    throw error
  }
}

/** The same for jsonb, which refuses what PostgreSQL text cannot hold. */
export function jsonbText(value: JsonValue): string {
  const text = jsonText(value)
  if (text.includes('\\u')) {
    if (nulEscape.test(text)) throw new UnfitValue('PostgreSQL cannot store a NUL (\\u0000) in a JSONB column')
    if (surrogateEscape.test(text))
      throw new UnfitValue('PostgreSQL cannot store half a surrogate pair in a JSONB column')
  }
  return text
}

function holdsExactNumber(value: JsonValue): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (value instanceof ExactNumber) return true
  if (Array.isArray(value)) return value.some(holdsExactNumber)
  const members = value as JsonObject
  for (const name in members) {
    const member = members[name]
    if (typeof member === 'object' && holdsExactNumber(member)) return true
  }
  return false
}

function exactText(value: JsonValue): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (value instanceof ExactNumber) return value.text
  if (Array.isArray(value)) return `[${(value as JsonArray).map(exactText).join(',')}]`
  let text = ''
  for (const [name, member] of Object.entries(value)) {
    if (member !== undefined) text += `${text === '' ? '' : ','}${JSON.stringify(name)}:${exactText(member)}`
  }
  return `{${text}}`
}
