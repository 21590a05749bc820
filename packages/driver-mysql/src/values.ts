import type { JsonValue } from '@eds/core'
import { integerBetween, type ToText, textOf, textOnly, toPlainText, toUuid, UnfitValue, utcTextWith } from '@eds/sql'

/** Integers of a range; true and false as 1 and 0, because BOOLEAN is TINYINT(1). */
export function integerOrBoolean(lowest: bigint, highest: bigint): ToText {
  const toInteger = integerBetween(lowest, highest)
  return (value, limits) => {
    if (value === true || value === 'true') return '1'
    if (value === false || value === 'false') return '0'
    return toInteger(value, limits)
  }
}

/** Any value as text of at most so many bytes of UTF-8. */
export function textWithin(maxBytes: number): ToText {
  return (value) => {
    const text = textOf(value)
    // A character of the string takes three bytes at most.
    if (text.length * 3 > maxBytes && Buffer.byteLength(text) > maxBytes) {
      throw new UnfitValue(`it is longer than ${maxBytes} bytes`)
    }
    return text
  }
}

/** CHAR(n) gives back what it was given without the blanks at its end. */
export const toFixedText: ToText = (value, limits) => {
  const text = toPlainText(value, limits)
  if (text.endsWith(' ')) throw new UnfitValue('a CHAR column would lose the blanks at its end')
  return text
}

const firstTimestamp = '1970-01-01 00:00:01'

/** TIMESTAMP(n): from the first second of 1970 on; how far it reaches is the server's to say. */
export function timestampWith(digits: number): ToText {
  const toText = utcTextWith(digits)
  return (value, limits) => {
    const text = toText(value, limits)
    if (text < firstTimestamp) throw new UnfitValue(`a TIMESTAMP column begins at ${firstTimestamp}`)
    return text
  }
}

/** One of the members; a text that is none would be taken for the number of one. */
export function memberOf(members: ReadonlySet<string>): ToText {
  return (value) => {
    const text = textOnly(value)
    if (!members.has(text)) throw new UnfitValue('it is no member of the enumeration')
    return text
  }
}

/** Members with commas in between, or an array of them. */
export function membersOf(members: ReadonlySet<string>): ToText {
  return (value: JsonValue) => {
    const texts = Array.isArray(value) ? value.map(textOnly) : textOnly(value).split(',')
    const isEmpty = texts.length === 0 || (texts.length === 1 && texts[0] === '')
    if (!isEmpty && !texts.every((text) => members.has(text))) throw new UnfitValue('it is no subset of the set')
    return texts.join(',')
  }
}

/** The form that MariaDB gives back. */
export const toUuidText: ToText = (value, limits) => toUuid(value, limits).toLowerCase()

/** The members of `enum('a','it''s')`, as they are written in the type. */
export function membersOfType(fullType: string): Set<string> {
  const quoted = fullType.match(/'(?:[^']|'')*'/g) ?? []
  return new Set(quoted.map((text) => text.slice(1, -1).replaceAll("''", "'")))
}
