import type { Random } from './random.js'

/*
 * Texts are made as JSON source, not as JavaScript strings: pieces are escaped already, so a value costs a few concatenations
 * and may be written in any of the spellings that JSON allows (`é` and `\u00e9`, `/` and `\/`).
 */

const words =
  'brake rotor replace front left rear wheel alignment customer reports noise when turning cold start oil filter synthetic 5W-30 check engine light on scan code P0420 catalytic converter estimate approved by phone parts ordered arrives Tuesday torque to spec 110 ft-lbs coolant flush timing belt water pump tensioner squeal idle rough misfire cylinder three spark plug coil pack battery weak alternator output 13.9V tire rotate balance tread depth 4/32 inspection failed wiper blade cabin transmission slip second gear leak drain plug washer labour warranty invoice paid deposit refund waiting pickup'.split(
    ' ',
  )

/**
 * Pieces that break careless encoders, all of which any relational destination holds unchanged: quoting of SQL, CSV and COPY,
 * escapes, control characters other than NUL, several scripts, combining marks, characters outside the basic plane.
 */
const spice: readonly string[] = [
  'Café',
  'Caf\\u00e9',
  'Cafe\u0301',
  'Müller-Lüdenscheidt',
  "O'Brien's",
  '\\"quoted\\"',
  'C:\\\\shop\\\\bay 2',
  '\\\\N',
  '\\\\.',
  '\\\\x41',
  '50\\/50',
  'tab\\there',
  'line\\nbreak',
  'carriage\\r\\nreturn',
  '\\u0001\\u001f\\b\\f\\u007f',
  '\\"',
  'NULL',
  '$1',
  '?',
  ':name',
  '%s%n',
  '{{.table}}',
  '--',
  '/* note */',
  ';',
  '<b>&amp;</b>',
  'a,b;c|d',
  '東京タイヤ',
  '한국어',
  'Шиномонтаж',
  'مرحبا',
  'שלום',
  'ไทย',
  '🚗',
  '\\ud83d\\udd27',
  '👩🏽‍🔧',
  '🇺🇸',
  '𝒳',
  '\u2028',
  '\u00a0',
  '\ufeff',
  '\ufffd',
  '\u{10fffd}',
  '±½″',
]

/** Whole values that are easily mistaken for something else. */
const oddities: readonly string[] = [
  '',
  ' ',
  '  leading and trailing  ',
  'null',
  'NULL',
  '\\\\N',
  '\\\\.',
  'true',
  '0',
  '00123',
  '1e3',
  '{}',
  '[]',
  '{\\"a\\":1}',
  "'",
  '\\"',
  '\\\\',
  '\\n',
  '=1+1',
  '2024-02-30T00:00:00Z',
  'ẞß',
  'İi',
]

/** The inside of a JSON string: `count` words, every twelfth or so a difficult one. */
export function wordsText(random: Random, count: number): string {
  let text = pieceOf(random)
  for (let index = 1; index < count; index++) text += ` ${pieceOf(random)}`
  return text
}

function pieceOf(random: Random): string {
  const draw = random.uint32()
  return (draw % 12 === 0 ? spice[(draw >>> 8) % spice.length] : words[(draw >>> 8) % words.length]) as string
}

/** A JSON string of `minimum` up to twice as many words; now and then a single odd value. */
export function stringValue(random: Random, minimum: number): string {
  if (random.chance(0.01)) return `"${random.pick(oddities)}"`
  return `"${wordsText(random, minimum + random.below(minimum + 1))}"`
}

/** An opaque token as stands for personal data: `"3f2a-91bc-…"`. */
export function tokenValue(random: Random): string {
  const left = random.hex8()
  const right = random.hex8()
  return `"${left.slice(0, 4)}-${left.slice(4)}-${right.slice(0, 4)}-${right.slice(4)}"`
}

export function uuidText(random: Random): string {
  const first = random.hex8()
  const second = random.hex8()
  const third = random.hex8()
  return `${first}-${second.slice(0, 4)}-4${second.slice(5)}-a${third.slice(1, 4)}-${third.slice(4)}${random.hex8()}`
}
