/** A decimal number taken apart: `digits × 10^exponent`, no zeroes at either end of the digits. Zero has no digits. */
export interface Decimal {
  readonly negative: boolean
  readonly digits: string
  readonly exponent: number
}

const decimalText = /^([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d{1,9}))?$/i

/** Reads `-12.50e+3` and the like; `undefined` when the text is no plain decimal number. */
export function parseDecimal(text: string): Decimal | undefined {
  const match = decimalText.exec(text)
  if (match === null) return undefined
  const [, sign, whole = '', fraction = '', exponent = '0'] = match
  if (whole === '' && fraction === '') return undefined
  const all = (whole + fraction).replace(/^0+/, '')
  const digits = all.replace(/0+$/, '')
  const shift = digits === '' ? 0 : Number(exponent) - fraction.length + (all.length - digits.length)
  return { negative: sign === '-' && digits !== '', digits, exponent: shift }
}

export function sameDecimal(left: Decimal, right: Decimal): boolean {
  return left.negative === right.negative && left.digits === right.digits && left.exponent === right.exponent
}

/** The number's plain digits when it is an integer of at most `maxDigits` digits. */
export function integerText({ negative, digits, exponent }: Decimal, maxDigits: number): string | undefined {
  if (digits === '') return '0'
  if (exponent < 0 || digits.length + exponent > maxDigits) return undefined
  return (negative ? '-' : '') + digits + '0'.repeat(exponent)
}
