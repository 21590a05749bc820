import { booleanAs, doubleOf, realOf, type ToText, textOf, textOnly, toDate, toUtcText, UnfitValue } from '@eds/sql'

export const toFloat = doubleOf('FLOAT')
export const toReal = realOf('REAL')
export const toBit = booleanAs('1', '0')

/** Any value as text; `maxLength` counts UTF-16 units, as NVARCHAR(n) does. */
export const toUnicodeText: ToText = (value, { maxLength }) => {
  const text = textOf(value)
  if (text.length > maxLength) throw new UnfitValue(`it is longer than ${maxLength} characters`)
  return text
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII
const ascii = /^[\x00-\x7f]*$/

/**
 * For VARCHAR: what its code page does not have would become `?` or a character that looks alike, without a word; only ASCII is in
 * all of them.
 */
export const toAsciiText: ToText = (value, limits) => {
  const text = toUnicodeText(value, limits)
  if (!ascii.test(text))
    throw new UnfitValue('the column is not Unicode (VARCHAR), and it has other characters than ASCII')
  return text
}

/** For VARCHAR of a collation in UTF-8, whose length counts bytes. */
export const toUtf8Text: ToText = (value, { maxLength }) => {
  const text = textOf(value)
  if (Buffer.byteLength(text) > maxLength) throw new UnfitValue(`it is longer than ${maxLength} bytes`)
  if (/\p{Surrogate}/u.test(text)) throw new UnfitValue('a UTF-8 column cannot hold half a surrogate pair')
  return text
}

/** `2024-07-11T17:56:51.7085870` in UTC: the one form that no language setting reads differently. */
export function toMoment(digits: number): ToText {
  return (value) => toUtcText(textOnly(value), digits).replace(' ', 'T')
}

export function toMomentWithOffset(digits: number): ToText {
  return (value) => `${toUtcText(textOnly(value), digits).replace(' ', 'T')}+00:00`
}

/** DATETIME counts in 1/300 of a second from 1753 on, and would round. */
export const toDateTime: ToText = (value) => {
  const text = toUtcText(textOnly(value), 3)
  if (!/[037]$/.test(text)) throw new UnfitValue('a DATETIME column would round it: its milliseconds end in 0, 3 or 7')
  if (text < '1753') throw new UnfitValue('a DATETIME column begins at the year 1753')
  return text.replace(' ', 'T')
}

export const toSmallDateTime: ToText = (value) => {
  const text = toUtcText(textOnly(value), 0)
  if (!text.endsWith(':00')) throw new UnfitValue('a SMALLDATETIME column would round it to minutes')
  if (text < '1900' || text > '2079-06-06 23:59') throw new UnfitValue('a SMALLDATETIME column ends at 2079-06-06')
  return text.replace(' ', 'T')
}

export const toDay: ToText = (value) => toDate(textOnly(value))

const timeOfDay = /^((?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d)?)(?:\.(\d+))?$/

export function toTimeOfDay(digits: number): ToText {
  return (value) => {
    const [, whole, fraction = ''] = timeOfDay.exec(textOnly(value)) ?? []
    if (whole === undefined) throw new UnfitValue('it is no time of day')
    if (/[1-9]/.test(fraction.slice(digits))) {
      throw new UnfitValue(`the column keeps ${digits} digits of a second, and it has more`)
    }
    const kept = fraction.slice(0, digits)
    return kept === '' ? whole : `${whole}.${kept}`
  }
}

const uuid = /^([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})$/i

/** As SQL Server writes it, so that two spellings are one key. */
export const toUniqueIdentifier: ToText = (value) => {
  const groups = uuid.exec(textOnly(value))
  if (groups === null) throw new UnfitValue('it is not a UUID')
  return groups.slice(1).join('-').toUpperCase()
}
