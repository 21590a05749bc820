import { type Column, kindOf } from './column.js'

/**
 * A column's value as text, which all ways of capturing agree upon: numbers as their digits, FLOAT as the double that it is, binary
 * strings as hexadecimal digits, TIMESTAMP as seconds since 1970 in UTC, all else as the server writes it. `null` is NULL.
 */
export type ValueText = string | null

const number = /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/
const hexadecimal = /^(?:[0-9a-fA-F]{2})*$/

/** The function that turns values of a column into JSON text. It throws a `TypeError` for what the column cannot hold. */
export function jsonWriter(column: Column): (text: string) => string {
  switch (kindOf(column)) {
    case 'integer':
    case 'bit':
    case 'decimal':
      return numberJson
    case 'double':
      // The server and the log have their own ways of writing the same double.
      return (text) => String(Number(numberJson(text)))
    case 'float':
      return (text) => floatText(Number(text))
    case 'json':
      return documentJson
    case 'binary':
      return binaryJson
    case 'date':
      return (text) => (isZeroDate(text) ? 'null' : `"${text}"`)
    case 'datetime':
      return (text) => (isZeroDate(text) ? 'null' : `"${text.replace(' ', 'T')}Z"`)
    case 'timestamp':
      return timestampJson
    default:
      return (text) => JSON.stringify(text)
  }
}

/** Part of a date that is zero makes the whole date one that no calendar has. */
function isZeroDate(text: string): boolean {
  return text.startsWith('0000') || text.slice(5, 7) === '00' || text.slice(8, 10) === '00'
}

function numberJson(text: string): string {
  // ZEROFILL columns come with zeroes that JSON does not allow.
  if (number.test(text)) return text.replace(/^(-?)0+(?=\d)/, '$1')
  throw new TypeError(`"${text}" is no number`)
}

/** The shortest digits that give the same single-precision number again. */
export function floatText(value: number): string {
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits))
    if (Math.fround(short) === value) return String(short)
  }
  return String(value)
}

/** As it was written, so that long numbers keep their digits. */
function documentJson(text: string): string {
  try {
    JSON.parse(text)
    return text
  } catch {
    return JSON.stringify(text)
  }
}

function binaryJson(text: string): string {
  if (!hexadecimal.test(text)) throw new TypeError('the bytes did not fit into max_allowed_packet')
  return `"${Buffer.from(text, 'hex').toString('base64')}"`
}

/** `1720000000.120000` → `"2024-07-03T09:46:40.120000Z"`; zero stands for the zero date. */
function timestampJson(text: string): string {
  const [seconds = '', fraction] = text.split('.')
  if (Number(text) === 0) return 'null'
  const whole = new Date(Number(seconds) * 1_000).toISOString().slice(0, 19)
  return `"${whole}${fraction === undefined ? '' : `.${fraction}`}Z"`
}
