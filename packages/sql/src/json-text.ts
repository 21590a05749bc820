import { ExactNumber, type JsonArray, type JsonObject, type JsonValue } from '@eds/core'
import { UnfitValue } from './unfit-value.js'

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
