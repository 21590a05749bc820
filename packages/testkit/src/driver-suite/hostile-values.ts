import { ExactNumber, type JsonValue } from '@eds/core'

/** Values that are legal JSON, and that one destination or another cannot hold: what it is → the value. */
export type HostileValues = Readonly<Record<string, JsonValue>>

export const hostileTexts: HostileValues = {
  'a NUL': 'before\u0000after',
  'a high surrogate alone': 'high \ud800 alone',
  'a low surrogate first': '\udc00 low first',
  emoji: 'wrench 🔧, family 👨‍👩‍👧, flag 🇩🇪',
  quotes: `it's "quoted" \`so\` $tag$ and $$`,
  backslashes: 'C:\\new\\table \\N \\. \\\\ \\',
  'control characters': 'tab\tnewline\ncarriage\r\nbell\u0007delete\u007f',
  'line separators': 'line\u2028paragraph\u2029next\u0085',
  'a byte order mark': '\ufeffmarked',
  'right-to-left text': 'مرحبا \u202eabc\u202c',
  'a combining accent': 'e\u0301 is not \u00e9',
  'nothing at all': '',
  'spaces around': '  padded  ',
  'the word null': 'NULL',
  'a placeholder': '%s ? $1 :name @p1 {0} #{x}',
  'the end of a statement': "'); DROP TABLE students; --",
  'long text': 'long text '.repeat(20_000),
}

export const hostileKeys: HostileValues = {
  'a path upwards': '../../outside',
  'an absolute path': '/etc/outside',
  'a backslash path': '..\\..\\outside',
  'a dot': '.',
  'two dots': '..',
  'an escaped path': '%2e%2e%2foutside',
  'upper case': 'ABC-1',
  'the same in lower case': 'abc-1',
  'a space at the end': 'abc-1 ',
  'an accent': 'é-1',
  'the same letter combined': 'e\u0301-1',
  emoji: '🔧-1',
  quotes: `'1"`,
  'a device name': 'con',
  'a semicolon and a star': 'a;*?<>|:b',
  'a newline': 'line\nbreak',
  'a NUL': 'nul\u0000key',
  'a lone surrogate': '\ud800key',
  'a long key': 'k'.repeat(300),
}

export const hostileIntegers: HostileValues = {
  'the first integer that a double skips': new ExactNumber('9007199254740993'),
  'the largest of 64 bits': new ExactNumber('9223372036854775807'),
  'the smallest of 64 bits': new ExactNumber('-9223372036854775808'),
  'one beyond 64 bits': new ExactNumber('9223372036854775808'),
  'thirty digits': new ExactNumber('123456789012345678901234567890'),
}

export const hostileNumbers: HostileValues = {
  'a long decimal': new ExactNumber('0.123456789012345678901234567891'),
  'the largest double': 1.7976931348623157e308,
  'the smallest double': 5e-324,
  'more than a double': new ExactNumber('1e400'),
  'a sum of tenths': 0.1 + 0.2,
}

export const hostileObjects: HostileValues = {
  'a NUL inside': { text: 'before\u0000after' },
  'a NUL in a name': { 'name\u0000': 1 },
  'a lone surrogate inside': { text: '\ud800' },
  'large numbers inside': { integer: new ExactNumber('123456789012345678901234567890') },
  'names of the prototype': JSON.parse('{"__proto__":{"polluted":true},"constructor":1}'),
  'deep nesting': nested(150),
}

export const hostileDates: HostileValues = {
  microseconds: '2024-07-11T17:56:51.708587Z',
  'an offset': '2024-07-11T17:56:51.708587+05:30',
  'a leap day': '2024-02-29T23:59:59Z',
  'the year 1': '0001-01-01T00:00:00Z',
  'the year 9999': '9999-12-31T23:59:59.999999Z',
  'before the epoch': '1969-12-31T23:59:59.5Z',
}

function nested(levels: number): JsonValue {
  let value: JsonValue = 1
  for (let level = 0; level < levels; level++) value = { a: value }
  return value
}
