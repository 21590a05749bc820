import { ExactNumber, type JsonValue } from '@eds/core'
import { jsonText, parseDecimal, UnfitValue } from '@eds/sql'

/** Digits that a number within a VARIANT keeps; longer ones become doubles. */
const maxDigits = 38

/** Half a surrogate pair as `JSON.stringify` writes it; an even number of backslashes in front means that it is plain text. */
const surrogateEscape = /(?<!\\)(?:\\\\)*\\ud[89a-f]/

/** A value as JSON text that PARSE_JSON reads unchanged. */
export function variantText(value: JsonValue): string {
  checkNumbers(value)
  const text = jsonText(value)
  if (text.includes('\\ud') && surrogateEscape.test(text)) {
    throw new UnfitValue('Snowflake cannot store half a surrogate pair in a VARIANT')
  }
  return text
}

function checkNumbers(value: JsonValue): void {
  if (typeof value !== 'object' || value === null) return
  if (value instanceof ExactNumber) {
    checkExact(value)
    return
  }
  // Members of a parsed object are JSON values; TypeScript forgets that when it lists them.
  for (const member of Object.values(value)) if (member !== undefined) checkNumbers(member as JsonValue)
}

function checkExact({ text }: ExactNumber): void {
  const decimal = parseDecimal(text)
  const whole = decimal === undefined ? Number.POSITIVE_INFINITY : Math.max(decimal.digits.length + decimal.exponent, 0)
  const scale = decimal === undefined ? 0 : Math.max(-decimal.exponent, 0)
  if (whole + scale <= maxDigits && scale < maxDigits) return
  throw new UnfitValue(
    `the number ${text.slice(0, 60)} has more than ${maxDigits} digits, and a VARIANT would change it`,
  )
}
