import { dateNotRecognized, timestampNotRecognized } from './sql-error.js'
import { CalendarDate, Timestamp } from './value.js'

const nanosPerSecond = 1_000_000_000n
const nanosPerMinute = 60n * nanosPerSecond
const millisecondsPerDay = 86_400_000
const pattern =
  /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{0,9}))?)?)?\s*(Z|[+-]\d{2}:?\d{2}|[+-]\d{2})?$/i

/** `zoned` false keeps the wall clock and drops the zone, as TIMESTAMP_NTZ does. */
export function parseTimestamp(input: string, zoned: boolean): Timestamp {
  const text = input.trim()
  if (/^[+-]?\d+$/.test(text)) return new Timestamp(nanosFromEpoch(BigInt(text)))
  const match = pattern.exec(text)
  if (match === null) throw timestampNotRecognized(input)
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', zone] = match
  const milliseconds = utcMilliseconds([year, month, day, hour, minute, second].map(Number))
  if (milliseconds === undefined) throw timestampNotRecognized(input)
  const wall = BigInt(milliseconds) * 1_000_000n + BigInt(fraction.padEnd(9, '0'))
  const offset = zone === undefined ? 0 : offsetMinutes(zone)
  return zoned ? new Timestamp(wall - BigInt(offset) * nanosPerMinute, offset) : new Timestamp(wall)
}

/** Undefined when a field is outside its range, such as month 13 or 30 February. */
function utcMilliseconds(fields: readonly number[]): number | undefined {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = fields
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  const sameDay = date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day
  if (!sameDay || hour > 23 || minute > 59 || second > 59) return undefined
  return date.getTime() + ((hour * 60 + minute) * 60 + second) * 1000
}

function offsetMinutes(zone: string): number {
  if (zone.toUpperCase() === 'Z') return 0
  const sign = zone.startsWith('-') ? -1 : 1
  return sign * (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(3).replace(':', '') || '0'))
}

/** Digits alone are seconds, milliseconds, microseconds or nanoseconds, told apart by their size as the service documents. */
function nanosFromEpoch(count: bigint): bigint {
  const size = count < 0n ? -count : count
  if (size < 31_536_000_000n) return count * nanosPerSecond
  if (size < 31_536_000_000_000n) return count * 1_000_000n
  return size < 31_536_000_000_000_000n ? count * 1000n : count
}

export function truncateTimestamp(value: Timestamp, scale: number): Timestamp {
  const unit = 10n ** BigInt(9 - scale)
  const rest = ((value.nanos % unit) + unit) % unit
  return rest === 0n ? value : new Timestamp(value.nanos - rest, value.offsetMinutes)
}

export function parseDate(text: string): CalendarDate {
  const match = /^\s*(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ].*)?$/.exec(text)
  const milliseconds = match === null ? undefined : utcMilliseconds(match.slice(1, 4).map(Number))
  if (milliseconds === undefined) throw dateNotRecognized(text)
  return new CalendarDate(milliseconds / millisecondsPerDay)
}

export const dateOf = (value: Timestamp) =>
  new CalendarDate(Number(floorDivide(wallNanos(value), 86_400n * nanosPerSecond)))

export const midnight = (value: CalendarDate) => new Timestamp(BigInt(value.days) * 86_400n * nanosPerSecond)

export const formatDate = (value: CalendarDate) =>
  new Date(value.days * millisecondsPerDay).toISOString().split('T')[0] ?? ''

/** `2024-01-31 23:59:59.123456789`, with the zone when `zoned`. */
export function formatTimestamp(value: Timestamp, zoned: boolean, digits = 9): string {
  const wall = wallNanos(value)
  const seconds = floorDivide(wall, nanosPerSecond)
  const fraction = (wall - seconds * nanosPerSecond).toString().padStart(9, '0').slice(0, digits)
  const clock = new Date(Number(seconds) * 1000).toISOString().slice(0, 19).replace('T', ' ')
  return `${clock}.${fraction}${zoned ? formatOffset(value.offsetMinutes) : ''}`
}

function formatOffset(minutes: number): string {
  const size = Math.abs(minutes)
  const two = (number: number) => String(number).padStart(2, '0')
  return ` ${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}${two(size % 60)}`
}

const wallNanos = (value: Timestamp) => value.nanos + BigInt(value.offsetMinutes) * nanosPerMinute

function floorDivide(value: bigint, divisor: bigint): bigint {
  const quotient = value / divisor
  return value < 0n && value % divisor !== 0n ? quotient - 1n : quotient
}

/** Decimal seconds since 1970 with as many digits as the column's scale: how results carry timestamps. */
export function epochSeconds(value: Timestamp, scale: number): string {
  const negative = value.nanos < 0n
  const size = negative ? -value.nanos : value.nanos
  const fraction = (size % nanosPerSecond).toString().padStart(9, '0').slice(0, scale)
  const whole = `${negative ? '-' : ''}${size / nanosPerSecond}`
  return scale === 0 ? whole : `${whole}.${fraction}`
}
