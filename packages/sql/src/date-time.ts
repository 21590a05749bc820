import { UnfitValue } from './unfit-value.js'

/**
 * RFC 3339 and the ISO form of SQL: a date, then optionally a time, then optionally a zone. Other texts that databases take (`now`,
 * `infinity`, `01/02/2024`) would not arrive as they were sent.
 */
const dateTime = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(\.\d+)?)?\s?(Z|[+-]\d\d(?::?\d\d)?)?)?$/i

/** Of a second, in the types of the databases that take RFC 3339 as it is. */
const keptDigits = 6

/**
 * Checks that the text is an instant between the years 1 and 9999 that microseconds can tell; returns it unchanged. Without a zone it
 * counts as UTC.
 */
export function checkDateTime(text: string): string {
  if (!isOrdinary(text)) checkDigits(match(text)[7], keptDigits)
  return text
}

const ordinaryLength = 27
const codes = new Uint8Array(ordinaryLength)

function isOrdinary(text: string): boolean {
  const { length } = text
  if (length > ordinaryLength) return false
  for (let at = 0; at < length; at++) {
    const code = text.charCodeAt(at)
    if (code > 0x7f) return false
    codes[at] = code
  }
  return isOrdinaryInstant(codes, 0, length)
}

/**
 * Whether a part of a text is like `2024-07-11T17:56:51.708587Z`, up to the 28th of a month: nearly all instants are, told without the cost
 * of the pattern.
 */
export function isOrdinaryInstant(text: Uint8Array, start: number, end: number): boolean {
  const length = end - start
  if (length < 20 || length > ordinaryLength || text[end - 1] !== 0x5a || text[start + 10] !== 0x54) return false
  if (text[start + 4] !== 0x2d || text[start + 7] !== 0x2d) return false
  if (text[start + 13] !== 0x3a || text[start + 16] !== 0x3a) return false
  if (length > 20 && (length === 21 || text[start + 19] !== 0x2e)) return false
  for (let at = start + 20; at < end - 1; at++) if (!isDigit(text[at])) return false
  const [month, day] = [twoDigits(text, start + 5), twoDigits(text, start + 8)]
  if (twoDigits(text, start) < 10 || twoDigits(text, start + 2) < 0) return false
  if (month < 1 || month > 12 || day < 1 || day > 28) return false
  const [hour, minute, second] = [twoDigits(text, start + 11), twoDigits(text, start + 14), twoDigits(text, start + 17)]
  return isBelow(hour, 24) && isBelow(minute, 60) && isBelow(second, 60)
}

function isDigit(code: number | undefined): boolean {
  return code !== undefined && code >= 0x30 && code <= 0x39
}

/** -1 when there are no two digits. */
function twoDigits(text: Uint8Array, at: number): number {
  const [tens = 0, ones = 0] = [text[at], text[at + 1]]
  return isDigit(tens) && isDigit(ones) ? (tens - 0x30) * 10 + ones - 0x30 : -1
}

function isBelow(value: number, limit: number): boolean {
  return value >= 0 && value < limit
}

/** The same instant for a column without a time zone: its UTC time, because databases drop an offset without a word. */
export function toUtcTimestamp(text: string): string {
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', zone = 'Z'] = match(text)
  checkDigits(fraction, keptDigits)
  const offset = offsetMinutes(zone)
  if (offset === 0) return text
  const date = new Date(0)
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day))
  date.setUTCHours(Number(hour), Number(minute) - offset, Number(second))
  const utc = date.toISOString().slice(0, -5)
  if (!/^\d{4}-/.test(utc) || utc.startsWith('0000-')) throw new UnfitValue('the year is out of range')
  return `${utc}${fraction}Z`
}

/**
 * The instant as `2024-07-11 17:56:51.708587` in UTC, for databases that take no zone: exactly `digits` digits of a second, none and
 * no point for 0.
 *
 * @throws UnfitValue when finer digits would be lost, or for a leap second.
 */
export function toUtcText(text: string, digits: number): string {
  const [, year, month, day, hour = '00', minute = '00', second = '00', fraction = '', zone = 'Z'] = match(text)
  if (second === '60') throw new UnfitValue('the database has no leap seconds')
  const shown = fraction.slice(1, digits + 1).padEnd(digits, '0')
  checkDigits(fraction, digits)
  const point = digits === 0 ? '' : `.${shown}`
  const offset = offsetMinutes(zone)
  if (offset === 0) return `${year}-${month}-${day} ${hour}:${minute}:${second}${point}`
  const date = new Date(0)
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day))
  date.setUTCHours(Number(hour), Number(minute) - offset, Number(second))
  const utc = date.toISOString()
  if (!/^\d{4}-/.test(utc) || utc.startsWith('0000-')) throw new UnfitValue('the year is out of range')
  return `${utc.slice(0, 10)} ${utc.slice(11, 19)}${point}`
}

/** The day of a date-time whose time of day is midnight UTC, or of a plain date. */
export function toDate(text: string): string {
  const [, , , , hour = '00', minute = '00', second = '00', fraction = '', zone = 'Z'] = match(text)
  const isMidnight = /^0+$/.test(hour + minute + second) && !/[1-9]/.test(fraction) && offsetMinutes(zone) === 0
  if (!isMidnight) throw new UnfitValue('a DATE column would lose the time of day')
  return text.slice(0, 10)
}

/** `fraction` begins with the point. */
function checkDigits(fraction: string | undefined, digits: number): void {
  if (fraction !== undefined && /[1-9]/.test(fraction.slice(digits + 1))) {
    throw new UnfitValue(`the column keeps ${digits} digits of a second, and it has more`)
  }
}

function match(text: string): RegExpExecArray {
  const found = dateTime.exec(text)
  if (found === null) throw new UnfitValue('it is not a date-time (RFC 3339)')
  const [, year, month, day, hour = '0', minute = '0', second = '0'] = found
  if (!isDay(Number(year), Number(month), Number(day))) throw new UnfitValue('there is no such day')
  // 60 is a leap second, which PostgreSQL takes as the first of the next minute.
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60)
    throw new UnfitValue('there is no such time of day')
  return found
}

const monthLengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

function isDay(year: number, month: number, day: number): boolean {
  if (year < 1 || day < 1) return false
  if (month === 2 && day === 29) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
  return day <= (monthLengths[month - 1] ?? 0)
}

function offsetMinutes(zone: string): number {
  if (zone === 'Z' || zone === 'z') return 0
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(3).replace(':', '') || 0)
  return zone.startsWith('-') ? -minutes : minutes
}
