import fc from 'fast-check'
import { isSafeNumber, parse } from 'lossless-json'
import { describe, expect, it } from 'vitest'
import { ExactNumber, isEdsError, parseJson, stringifyJson } from '../../src/index.js'

/** Fifteen digits always survive a double; others when it spells them alike. */
const isKept = (digits: string) =>
  String(Number(digits)) === digits || /^-?[\d.]{1,15}([eE][+-]?\d{1,2})?$/.test(digits)

const slowly = (text: string) =>
  parse(text, undefined, {
    parseNumber: (digits) => (isSafeNumber(digits) || isKept(digits) ? Number(digits) : new ExactNumber(digits)),
  })

describe('parseJson', () => {
  it.each([
    ['[-9223372036854775808]', [new ExactNumber('-9223372036854775808')]],
    ['{"a":12345678901234567890.5}', { a: new ExactNumber('12345678901234567890.5') }],
    ['{"a": 1e400 , "b":1E+3}', { a: new ExactNumber('1e400'), b: 1000 }],
    ['{"a":0.30000000000000004}', { a: 0.30000000000000004 }],
    [
      '{"a":"x,9007199254740993","b":9007199254740993}',
      { a: 'x,9007199254740993', b: new ExactNumber('9007199254740993') },
    ],
    ['{"a":"\\u00011","b":9007199254740993}', { a: '\u00011', b: new ExactNumber('9007199254740993') }],
    [
      '{"a":{"b":[1,{"c":1.00000000000000000001}]}}',
      { a: { b: [1, { c: new ExactNumber('1.00000000000000000001') }] } },
    ],
  ])('keeps %s exact', (text, value) => {
    expect(parseJson(text)).toEqual(value)
  })

  it('keeps a __proto__ column a column', () => {
    const value = parseJson('{"__proto__":{"x":9007199254740993},"y":9007199254740993}') as object
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
    expect(Object.keys(value)).toEqual(['__proto__', 'y'])
  })

  it.each([
    '',
    'x',
    '{"a":9007199254740993',
    '[01234567890123456789]',
    '[1234567890123456.]',
    '[12345678901234567e]',
    '{"a":-.12345678901234567}',
  ])('refuses %s', (text) => {
    expect(() => parseJson(text)).toThrow(expect.objectContaining({ code: 'record' }))
  })

  it('agrees with a parser that looks at every number, on any text', () => {
    const digits = fc
      .stringMatching(/^-?(0|[1-9]\d{0,24})(\.\d{1,25})?([eE][+-]?\d{1,3})?$/)
      .filter((text) => !/^-0[.0]*(e|$)/i.test(text))
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        digits,
        fc.string({ unit: 'binary' }).map((text) => JSON.stringify(text)),
        fc
          .tuple(fc.constantFrom(',', ':', '["', '\\u0001'), digits)
          .map(([lead, number]) => JSON.stringify(lead + number)),
        fc.constantFrom('true', 'null'),
        fc.array(tie('value') as fc.Arbitrary<string>).map((items) => `[${items.join(' , ')}]`),
        fc.dictionary(fc.string(), tie('value') as fc.Arbitrary<string>).map((fields) => {
          return `{${Object.entries(fields).map(([name, item]) => `${JSON.stringify(name)}: ${item}`)}}`
        }),
      ) as fc.Arbitrary<string>,
    }))
    fc.assert(
      fc.property(value, (item) => {
        const text = `{"row":${item}}`
        expect(parseJson(text)).toEqual(slowly(text))
        const again = stringifyJson(parseJson(text)) ?? ''
        expect(stringifyJson(parseJson(again))).toBe(again)
      }),
      { numRuns: 2000 },
    )
  })

  it('names what is wrong without quoting the whole message', () => {
    try {
      parseJson('{"password":"hunter2",}')
      expect.unreachable()
    } catch (error) {
      expect(isEdsError(error) && error.message).toContain('not JSON')
    }
  })
})
