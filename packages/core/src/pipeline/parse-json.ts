import { isSafeNumber, parse } from 'lossless-json'
import { EdsError } from '../errors.js'
import { ExactNumber } from '../json.js'

/**
 * Numbers that a double may change: 16 or more digits (with or without a point), or a three-digit exponent. May also hit inside a
 * string.
 */
const candidates = /([:[,]\s*)(-?\d(?:[\d.]{15,}|[\d.]*[eE][+-]?\d{3})[\d.eE+-]*)/g

/** A double keeps any fifteen digits. */
const short = /^-?[\d.]{1,15}(?:[eE][+-]?\d{1,2})?$/
const validNumber = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/

/** Leads the text that stands in for a number; JSON text can hold this character only in its escaped form. */
const mark = '\u0001'
const escapedMark = '\\u0001'

/**
 * JSON text → value. Numbers that a double would change become {@link ExactNumber}; all others are plain.
 *
 * @throws EdsError `record` when the text is not JSON.
 */
export function parseJson(text: string): unknown {
  try {
    const marked = markInexact(text)
    return marked === text ? JSON.parse(text) : parseMarked(text, marked)
  } catch (error) {
    throw new EdsError('record', `the message is not JSON: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/** The text with its inexact numbers written as marked strings; the text itself when there are none. */
function markInexact(text: string): string {
  let marked = ''
  let copied = 0
  candidates.lastIndex = 0
  for (let match = candidates.exec(text); match; match = candidates.exec(text)) {
    const [whole, lead = '', digits = ''] = match
    if (isExact(digits) || !validNumber.test(digits)) continue
    marked += `${text.slice(copied, match.index)}${lead}"${escapedMark}${digits}"`
    copied = match.index + whole.length
  }
  return copied === 0 ? text : marked + text.slice(copied)
}

/**
 * The native parser on the marked text, whose marked strings are then turned back: twice as fast as a parser that looks at every
 * number. A candidate inside a string breaks that text, and the slow parser decides.
 */
function parseMarked(text: string, marked: string): unknown {
  if (text.includes(escapedMark)) return parseSlowly(text)
  try {
    return restore(JSON.parse(marked))
  } catch {
    return parseSlowly(text)
  }
}

/** True when a double holds the number: most often it is spelt as the double would be. */
function isExact(digits: string): boolean {
  return String(Number(digits)) === digits || isSafeNumber(digits)
}

/** Puts the numbers back in place. */
function restore(value: unknown): unknown {
  if (typeof value === 'string') return value.charCodeAt(0) === 1 ? new ExactNumber(value.slice(mark.length)) : value
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) value[index] = restore(value[index])
    return value
  }
  const record = value as Record<string, unknown>
  for (const name in record) {
    const held = record[name]
    if (typeof held === 'string' ? held.charCodeAt(0) === 1 : typeof held === 'object' && held !== null) {
      const restored = restore(held)
      if (restored !== held) record[name] = restored
    }
  }
  return value
}

function parseSlowly(text: string): unknown {
  return parse(text, undefined, {
    parseNumber: (digits) => (short.test(digits) || isExact(digits) ? Number(digits) : new ExactNumber(digits)),
    onDuplicateKey: ({ newValue }) => newValue,
  })
}
