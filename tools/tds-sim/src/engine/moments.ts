const ticksPerSecond = 10_000_000n
export const ticksPerMinute = 60n * ticksPerSecond
export const ticksPerDay = 86_400n * ticksPerSecond

/** Days from 0001-01-01 to 1970-01-01. */
const unixEpochDays = 719_162n
/** Days from 0001-01-01 to 1900-01-01, where DATETIME begins to count. */
export const datetimeEpochDays = 693_595n
/** DATETIME cannot hold anything before 1753-01-01. */
export const firstDatetimeDay = 639_905n
/** The day after 9999-12-31. */
export const endOfTimeDays = 3_652_059n

/** Parts of a moment as text gives them. */
export interface ParsedMoment {
  /** Days since 0001-01-01; undefined where the text holds only a time. */
  readonly days?: bigint
  /** 100 ns since midnight. */
  readonly timeTicks: bigint
  readonly offsetMinutes?: number
}

const pattern =
  /^\s*(?:(\d{4})-?(\d{2})-?(\d{2}))?(?:(?:[T ]\s*)?(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,7}))?)?)?\s*(Z|[+-]\d{2}:\d{2})?\s*$/i

/** Reads ISO 8601 text as SQL Server takes it; undefined where it does not. More than 7 digits of a second are refused. */
export function parseMoment(text: string): ParsedMoment | undefined {
  const match = pattern.exec(text)
  if (!match || (match[1] === undefined && match[4] === undefined)) return undefined
  const timeTicks = timeOf(match[4] ?? '0', match[5] ?? '0', match[6] ?? '0', match[7] ?? '')
  const days = match[1] === undefined ? undefined : daysOf(Number(match[1]), Number(match[2]), Number(match[3]))
  if (timeTicks === undefined || days === 'invalid') return undefined
  const zone = match[8]
  return {
    timeTicks,
    ...(days === undefined ? {} : { days }),
    ...(zone === undefined ? {} : { offsetMinutes: offsetOf(zone) }),
  }
}

function timeOf(hour: string, minute: string, second: string, fraction: string): bigint | undefined {
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined
  const seconds = (BigInt(hour) * 60n + BigInt(minute)) * 60n + BigInt(second)
  return seconds * ticksPerSecond + BigInt(fraction.padEnd(7, '0'))
}

function daysOf(year: number, month: number, day: number): bigint | 'invalid' {
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  if (year < 1 || date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return 'invalid'
  return BigInt(Math.round(date.getTime() / 86_400_000)) + unixEpochDays
}

function offsetOf(zone: string): number {
  if (zone.toUpperCase() === 'Z') return 0
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4, 6))
  return zone.startsWith('-') ? -minutes : minutes
}

/** `2026-01-31`. */
export function formatDays(days: bigint): string {
  const text = new Date(Number(days - unixEpochDays) * 86_400_000).toISOString()
  return text.slice(0, 10)
}

/** `23:59:59.1234567`, with as many digits of the second as `scale` says. */
export function formatTime(ticks: bigint, scale: number): string {
  const seconds = ticks / ticksPerSecond
  const part = (value: bigint) => value.toString().padStart(2, '0')
  const whole = `${part(seconds / 3600n)}:${part((seconds / 60n) % 60n)}:${part(seconds % 60n)}`
  if (scale === 0) return whole
  return `${whole}.${(ticks % ticksPerSecond).toString().padStart(7, '0').slice(0, scale)}`
}

/** `2026-01-31 23:59:59.1234567`. */
export function formatTicks(ticks: bigint, scale: number): string {
  return `${formatDays(ticks / ticksPerDay)} ${formatTime(ticks % ticksPerDay, scale)}`
}

/** `+05:30`. */
export function formatOffset(minutes: number): string {
  const part = (value: number) => value.toString().padStart(2, '0')
  const absolute = Math.abs(minutes)
  return `${minutes < 0 ? '-' : '+'}${part(Math.trunc(absolute / 60))}:${part(absolute % 60)}`
}

/** Rounds 100 ns to the digits that a type keeps, half up as SQL Server does. */
export function roundTicks(ticks: bigint, scale: number): bigint {
  const unit = 10n ** BigInt(7 - scale)
  return ((ticks + unit / 2n) / unit) * unit
}

/** Rounds to DATETIME's steps of 1/300 s, shown to the millisecond (.000, .003, .007). */
export function roundToDatetime(ticks: bigint): bigint {
  return fromThreeHundredths(toThreeHundredths(ticks))
}

/** 1/300 s since 0001-01-01. */
export const toThreeHundredths = (ticks: bigint) => (ticks * 3n + 50_000n) / 100_000n

export const fromThreeHundredths = (units: bigint) => ((units * 10n + 1n) / 3n) * 10_000n

/** Now in UTC, 100 ns since 0001-01-01. */
export const ticksOf = (date: Date) => BigInt(date.getTime()) * 10_000n + unixEpochDays * ticksPerDay
