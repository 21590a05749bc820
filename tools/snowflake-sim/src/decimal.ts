import { numberNotRecognized, numberOutOfRange } from './sql-error.js'
import { Decimal } from './value.js'

const pattern = /^\s*([+-]?)(\d*)\.?(\d*)(?:[eE]([+-]?\d+))?\s*$/
const widestExponent = 400

/** Reads a decimal text exactly; anything else is "not recognized". */
export function parseDecimal(text: string): Decimal {
  const match = pattern.exec(text)
  const [, sign, integral = '', fraction = '', exponent = '0'] = match ?? []
  if (match === null || (integral === '' && fraction === '')) throw numberNotRecognized(text)
  const shift = Number(exponent)
  if (Math.abs(shift) > widestExponent) throw numberOutOfRange(text)
  const unscaled = BigInt(`${integral}${fraction}`) * (sign === '-' ? -1n : 1n)
  const scale = fraction.length - shift
  return scale >= 0 ? new Decimal(unscaled, scale) : new Decimal(unscaled * 10n ** BigInt(-scale), 0)
}

/** Half away from zero, as the service rounds. */
export function rescale(value: Decimal, scale: number): Decimal {
  if (value.scale <= scale) return new Decimal(value.unscaled * 10n ** BigInt(scale - value.scale), scale)
  const divisor = 10n ** BigInt(value.scale - scale)
  const quotient = value.unscaled / divisor
  const rest = value.unscaled % divisor
  const twice = (rest < 0n ? -rest : rest) * 2n
  const away = value.unscaled < 0n ? -1n : 1n
  return new Decimal(twice >= divisor ? quotient + away : quotient, scale)
}

export function fitDecimal(value: Decimal, precision: number, scale: number): Decimal {
  const fitted = rescale(value, scale)
  const limit = 10n ** BigInt(precision)
  if (fitted.unscaled >= limit || fitted.unscaled <= -limit) throw numberOutOfRange(value.toString())
  return fitted
}

/** The shortest writing without trailing zeros of a fraction. */
export function plainDecimal(value: Decimal): string {
  const text = value.toString()
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text
}
