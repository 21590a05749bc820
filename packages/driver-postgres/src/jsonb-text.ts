import type { JsonValue } from '@eds/core'
import { jsonText, UnfitValue } from '@eds/sql'

/**
 * Escapes that `JSON.stringify` writes and jsonb cannot take: NUL, and half a surrogate pair. An even number of backslashes in
 * front means that the backslash of `\u` is itself escaped, and the text harmless.
 */
const nulEscape = /(?<!\\)(?:\\\\)*\\u0000/
const surrogateEscape = /(?<!\\)(?:\\\\)*\\ud[89a-f]/

/** A value as JSON text for jsonb, which refuses what PostgreSQL text cannot hold. */
export function jsonbText(value: JsonValue): string {
  const text = jsonText(value)
  if (text.includes('\\u')) {
    if (nulEscape.test(text)) throw new UnfitValue('PostgreSQL cannot store a NUL (\\u0000) in a JSONB column')
    if (surrogateEscape.test(text))
      throw new UnfitValue('PostgreSQL cannot store half a surrogate pair in a JSONB column')
  }
  return text
}
