import type { ByteReader } from './byte-reader.js'

const pad = (value: number, width: number) => String(value).padStart(width, '0')

/** `.123` for three digits, nothing for none. The fraction is stored in as many bytes as its digits need, two in each. */
function fraction(stored: number, digits: number): string {
  if (digits === 0) return ''
  return `.${pad(digits % 2 === 0 ? stored : Math.floor(stored / 10), digits)}`
}

const fractionBytes = (digits: number) => (digits + 1) >> 1

/** `0000-00-00` and the like as they are. */
export function readDate(bytes: ByteReader): string {
  const value = bytes.unsigned(3)
  return `${pad(value >> 9, 4)}-${pad((value >> 5) & 15, 2)}-${pad(value & 31, 2)}`
}

/** DATETIME(n): 40 bits, then the fraction. */
export function readDatetime(bytes: ByteReader, digits: number): string {
  const value = BigInt(bytes.unsignedBig(5)) - 0x80_0000_0000n
  const part = (shift: bigint, bits: bigint) => Number((value >> shift) & ((1n << bits) - 1n))
  const yearMonth = part(22n, 17n)
  const date = `${pad(Math.floor(yearMonth / 13), 4)}-${pad(yearMonth % 13, 2)}-${pad(part(17n, 5n), 2)}`
  const time = `${pad(part(12n, 5n), 2)}:${pad(part(6n, 6n), 2)}:${pad(part(0n, 6n), 2)}`
  return `${date} ${time}${fraction(bytes.unsignedBig(fractionBytes(digits)), digits)}`
}

/** TIMESTAMP(n): seconds since 1970, then the fraction, as UNIX_TIMESTAMP writes it. */
export function readTimestamp(bytes: ByteReader, digits: number): string {
  const seconds = bytes.unsignedBig(4)
  return `${seconds}${fraction(bytes.unsignedBig(fractionBytes(digits)), digits)}`
}

/** TIME(n): 24 bits with an offset, then the fraction; together they are one number, so that negative times sort. */
export function readTime(bytes: ByteReader, digits: number): string {
  const length = fractionBytes(digits)
  const stored = BigInt(bytes.unsignedBig(3 + length))
  const offset = 1n << BigInt(8 * length + 23)
  const isNegative = stored < offset
  const value = isNegative ? offset - stored : stored - offset
  const whole = Number(value >> BigInt(8 * length))
  const rest = Number(value & ((1n << BigInt(8 * length)) - 1n))
  const time = `${pad((whole >> 12) & 1023, 2)}:${pad((whole >> 6) & 63, 2)}:${pad(whole & 63, 2)}`
  return `${isNegative ? '-' : ''}${time}${fraction(rest, digits)}`
}

/** TIME of servers before 5.6: digits. */
export function readOldTime(bytes: ByteReader): string {
  const value = bytes.signed(3)
  const digits = pad(Math.abs(value), 6)
  return `${value < 0 ? '-' : ''}${digits.slice(0, -4)}:${digits.slice(-4, -2)}:${digits.slice(-2)}`
}

/** DATETIME of servers before 5.6: digits. */
export function readOldDatetime(bytes: ByteReader): string {
  const digits = String(bytes.unsigned64()).padStart(14, '0')
  const part = (from: number, to: number) => digits.slice(from, to)
  return `${part(0, 4)}-${part(4, 6)}-${part(6, 8)} ${part(8, 10)}:${part(10, 12)}:${part(12, 14)}`
}
