import { ExactNumber } from '@eds/core'
import { describe, expect, it } from 'vitest'
import { canonicalJson, canonicalNumber, parseExact } from '../src/index.js'
import { elementSpans, memberSpans } from '../src/json-spans.js'
import { eventList } from './read-events.js'

describe('canonicalNumber', () => {
  it.each([
    ['0', '0'],
    ['-0', '0'],
    ['0.000', '0'],
    ['0e400', '0'],
    ['1E+3', '1000'],
    ['1000.0', '1000'],
    ['10e-1', '1'],
    ['-12.50', '-12.5'],
    ['0.05', '0.05'],
    ['5e-2', '0.05'],
    ['123.456e1', '1234.56'],
    ['0012', '12'],
    ['9223372036854775808', '9223372036854775808'],
    ['0.123456789012345678901234567891', '0.123456789012345678901234567891'],
    ['1e400', '1e400'],
    ['10E+399', '1e400'],
    ['1.5e-300', '15e-301'],
    ['NaN', 'NaN'],
    ['', ''],
  ])('%s is %s', (text, expected) => {
    expect(canonicalNumber(text)).toBe(expected)
  })
})

describe('parseExact', () => {
  it.each(['9007199254740993', '1e400', '0.123456789012345678901234567891', '9223372036854775807'])(
    'keeps %s',
    (text) => {
      expect(parseExact(text)).toEqual(new ExactNumber(text))
      expect(parseExact(`{"a":[${text}, 1]}`)).toEqual({ a: [new ExactNumber(text), 1] })
    },
  )

  it.each(['0', '1E+3', '-12.5', '9007199254740992', '1.7976931348623157e+308', '0.30000000000000004', '5e-324'])(
    'takes %s as a double',
    (text) => {
      expect(parseExact(text)).toBe(Number(text))
      expect(parseExact(`[${text},12345678901234567890]`)).toEqual([
        Number(text),
        new ExactNumber('12345678901234567890'),
      ])
    },
  )

  it('keeps members called __proto__', () => {
    const value = parseExact('{"__proto__":{"a":12345678901234567890}}')
    expect(Object.keys(value as object)).toEqual(['__proto__'])
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
  })

  it('agrees with the native parser on every event, but for the digits', () => {
    for (const { bytes } of eventList({ values: 'hostile', events: 500 })) {
      expect(asDoubles(parseExact(bytes.toString()))).toEqual(JSON.parse(bytes.toString()))
    }
  })

  it.each([
    '',
    '{',
    '{"a"}',
    '{"a":}',
    '[1',
    '[1 2]',
    '"open',
    'nul',
    '01',
    '{a:12345678901234567890}',
    '[1e400,]',
    '[1e400]x',
  ])('refuses %j', (text) => {
    expect(() => parseExact(text)).toThrow()
  })
})

describe('spans', () => {
  it('keep the source of every part', () => {
    const text = ' { "a" : 1E+3 , "b\\"}" : [ "]\\\\" , {"c":{}} ],"d":null}'
    expect(memberSpans(text)).toEqual([
      ['a', '1E+3'],
      ['b"}', '[ "]\\\\" , {"c":{}} ]'],
      ['d', 'null'],
    ])
    expect(elementSpans('[ "]\\\\" , {"c":{}} ]')).toEqual(['"]\\\\"', '{"c":{}}'])
    expect([memberSpans('{ }'), elementSpans('[]')]).toEqual([[], []])
  })
})

describe('canonicalJson', () => {
  it('does not depend on order, spaces, escapes or the spelling of numbers', () => {
    const left = parseExact('{"b": [1E+3, 0.50], "a": "\\u00e9", "10": 1, "9": 9007199254740993}')
    const right = parseExact('{"9":9007199254740993,"a":"é","b":[1000,0.5],"10":1.0}')
    expect(canonicalJson(left)).toBe(canonicalJson(right))
    expect(canonicalJson(left)).toBe('{"10":1,"9":9007199254740993,"a":"é","b":[1000,0.5]}')
  })

  it('tells the order of an array, null and absent, text and number apart', () => {
    expect(canonicalJson([1, 2])).not.toBe(canonicalJson([2, 1]))
    expect(canonicalJson({ a: null })).not.toBe(canonicalJson({}))
    expect(canonicalJson('1')).not.toBe(canonicalJson(1))
    expect(canonicalJson({ a: undefined })).toBe('{}')
  })
})

/** Every exact number as the double that the native parser makes of it. */
function asDoubles(value: unknown): unknown {
  if (value instanceof ExactNumber) return Number(value.text)
  if (Array.isArray(value)) return value.map(asDoubles)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, asDoubles(member)]))
}
