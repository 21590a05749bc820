import type { ByteReader } from './byte-reader.js'

/** Bytes that hold so many digits of a group that is not full. */
const partBytes = [0, 1, 1, 2, 2, 3, 3, 4, 4, 4] as const
const groupDigits = 9

/**
 * A DECIMAL: groups of nine digits in four bytes, the highest first, the odd ones at both ends in fewer; the first bit is set for what is
 * not negative, and all bits are turned for what is.
 * https://dev.mysql.com/doc/dev/mysql-server/latest/decimal_8cc.html
 */
export function readDecimal(bytes: ByteReader, precision: number, scale: number): string {
  const wholeDigits = precision - scale
  const lengths = [
    ...groups(wholeDigits % groupDigits, Math.floor(wholeDigits / groupDigits), 'first'),
    ...groups(scale % groupDigits, Math.floor(scale / groupDigits), 'last'),
  ]
  const total = lengths.reduce((sum, digits) => sum + bytesOf(digits), 0)
  const raw = Buffer.from(bytes.take(total))
  const isNegative = ((raw[0] ?? 0) & 0x80) === 0
  raw[0] = (raw[0] ?? 0) ^ 0x80
  if (isNegative) for (let index = 0; index < raw.length; index++) raw[index] = (raw[index] ?? 0) ^ 0xff
  let digits = ''
  let offset = 0
  for (const count of lengths) {
    const length = bytesOf(count)
    digits += String(raw.readUIntBE(offset, length)).padStart(count, '0')
    offset += length
  }
  const whole = digits.slice(0, wholeDigits).replace(/^0+(?=\d)/, '') || '0'
  return `${isNegative ? '-' : ''}${whole}${scale === 0 ? '' : `.${digits.slice(wholeDigits)}`}`
}

function bytesOf(digits: number): number {
  return partBytes[digits] ?? 4
}

function groups(odd: number, full: number, oddAt: 'first' | 'last'): number[] {
  const all = new Array<number>(full).fill(groupDigits)
  if (odd === 0) return all
  return oddAt === 'first' ? [odd, ...all] : [...all, odd]
}
