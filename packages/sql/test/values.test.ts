import { inspect } from 'node:util'
import { ExactNumber, type JsonValue } from '@eds/core'
import { describe, expect, it } from 'vitest'
import type { ToText } from '../src/column-plan.js'
import { UnfitValue } from '../src/unfit-value.js'
import * as values from '../src/values.js'

const exact = (text: string) => new ExactNumber(text)
const unlimited = { maxLength: Number.POSITIVE_INFINITY }

/** `undefined`: refused. */
type Case = readonly [value: JsonValue, text: string | undefined]

const tables: Readonly<Record<string, readonly [ToText, readonly Case[]]>> = {
  BIGINT: [
    values.toBigInteger,
    [
      [0, '0'],
      [-12, '-12'],
      [2 ** 53, '9007199254740992'],
      // As it was written: all other digits are made exact by the decoder.
      [4_611_686_018_427_388_000, '4611686018427388000'],
      [1e21, undefined],
      [2 ** 63, undefined],
      [1.5, undefined],
      [exact('9007199254740993'), '9007199254740993'],
      [exact('9223372036854775807'), '9223372036854775807'],
      [exact('-9223372036854775808'), '-9223372036854775808'],
      [exact('9223372036854775808'), undefined],
      [exact('1E+18'), '1000000000000000000'],
      [exact('12000000000000000.000'), '12000000000000000'],
      [exact('0.1234567890123456789'), undefined],
      [exact('1e400'), undefined],
      ['42', '42'],
      ['-007', '-7'],
      ['', undefined],
      ['abc', undefined],
      ['1 ', undefined],
      [Number.NaN, undefined],
      [true, undefined],
      [{}, undefined],
      [[1], undefined],
    ],
  ],
  INTEGER: [
    values.toNormalInteger,
    [
      [2_147_483_647, '2147483647'],
      [2_147_483_648, undefined],
      [-2_147_483_648, '-2147483648'],
      [1000, '1000'],
    ],
  ],
  SMALLINT: [
    values.toSmallInteger,
    [
      [32_767, '32767'],
      [32_768, undefined],
      ['-32768', '-32768'],
    ],
  ],
  'DOUBLE PRECISION': [
    values.doubleOf('DOUBLE PRECISION'),
    [
      [0.1, '0.1'],
      [1.7976931348623157e308, '1.7976931348623157e+308'],
      [5e-324, '5e-324'],
      [Number.NaN, undefined],
      [Number.POSITIVE_INFINITY, undefined],
      [exact('9007199254740993'), undefined],
      [exact('9007199254740992.0'), '9007199254740992'],
      [exact('100000000000000000000'), '100000000000000000000'],
      [exact('0.123456789012345678901'), undefined],
      [exact('1e400'), undefined],
      ['1.50', '1.5'],
      ['NaN', undefined],
      ['', undefined],
      [false, undefined],
    ],
  ],
  REAL: [
    values.realOf('REAL'),
    [
      [0.1, '0.1'],
      [1e39, undefined],
      [1e-60, undefined],
      [0, '0'],
      ['x', undefined],
    ],
  ],
  NUMERIC: [
    values.toNumeric,
    [
      [1e21, '1e+21'],
      [exact('0.123456789012345678901'), '0.123456789012345678901'],
      ['12.340', '12.340'],
      ['Infinity', undefined],
    ],
  ],
  BOOLEAN: [
    values.booleanAs('t', 'f'),
    [
      [true, 't'],
      ['false', 'f'],
      [1, undefined],
      ['yes', undefined],
    ],
  ],
  TEXT: [
    values.toPlainText,
    [
      ['', ''],
      ['NULL', 'NULL'],
      [12.5, '12.5'],
      [true, 'true'],
      [exact('1E+3'), '1E+3'],
      [{ a: [1, null] }, '{"a":[1,null]}'],
      [[exact('9007199254740993')], '[9007199254740993]'],
    ],
  ],
  TIMESTAMPTZ: [
    values.toTimestampWithZone,
    [
      ['2024-07-11T17:56:51.708587Z', '2024-07-11T17:56:51.708587Z'],
      [1720732611708, undefined],
      ['now', undefined],
    ],
  ],
  UUID: [
    values.toUuid,
    [
      ['9F9073E8-1531-474d-aed1-000000000001', '9F9073E8-1531-474d-aed1-000000000001'],
      ['9f9073e8', undefined],
      [1, undefined],
    ],
  ],
  'BIGINT UNSIGNED': [
    values.integerBetween(0n, 2n ** 64n - 1n),
    [
      [exact('18446744073709551615'), '18446744073709551615'],
      [exact('18446744073709551616'), undefined],
      [-1, undefined],
      ['12.0', '12'],
    ],
  ],
  'NUMBER(38,0)': [
    values.integerBetween(-(10n ** 38n) + 1n, 10n ** 38n - 1n),
    [
      [exact('9'.repeat(38)), '9'.repeat(38)],
      [exact(`1${'0'.repeat(38)}`), undefined],
    ],
  ],
  'DECIMAL(10,2)': [
    values.decimalWithin(10, 2),
    [
      [12.5, '12.5'],
      [0.05, '0.05'],
      [-0.25, '-0.25'],
      [0, '0'],
      [exact('1E+3'), '1000'],
      [exact('12345678.90'), '12345678.9'],
      ['123456789', undefined],
      [0.125, undefined],
      ['much', undefined],
    ],
  ],
  'DATETIME(3)': [
    values.utcTextWith(3),
    [
      ['2024-07-11T17:56:51.708Z', '2024-07-11 17:56:51.708'],
      ['2024-07-11T23:56:51.700000-02:30', '2024-07-12 02:26:51.700'],
      ['1969-07-20', '1969-07-20 00:00:00.000'],
      ['0001-01-01T00:00:00Z', '0001-01-01 00:00:00.000'],
      ['0001-01-01T00:00:00+01:00', undefined],
      ['2024-07-11T17:56:51.708587Z', undefined],
      ['2016-12-31T23:59:60Z', undefined],
    ],
  ],
  'DATETIME(0)': [values.utcTextWith(0), [['2024-07-11T17:56:51.000Z', '2024-07-11 17:56:51']]],
  'types of the server': [
    values.toServerText,
    [
      ['happy', 'happy'],
      [5, '5'],
    ],
  ],
}

describe('values', () => {
  for (const [type, [toText, cases]] of Object.entries(tables)) {
    for (const [value, text] of cases) {
      it(`${inspect(value)} ${text === undefined ? 'does not fit' : 'fits'} ${type}`, () => {
        if (text === undefined) expect(() => toText(value, unlimited)).toThrow(UnfitValue)
        else expect(toText(value, unlimited)).toBe(text)
      })
    }
  }

  it('counts characters, not UTF-16 code units, against the length of a VARCHAR', () => {
    expect(values.toPlainText('🔧🔧', { maxLength: 2 })).toBe('🔧🔧')
    expect(() => values.toPlainText('🔧🔧🔧', { maxLength: 2 })).toThrow('longer than 2 characters')
    expect(() => values.toPlainText(['long', 'enough'], { maxLength: 10 })).toThrow('longer than 10')
  })

  it('says what to call the range that a number is out of', () => {
    expect(() => values.toSmallInteger(40_000, unlimited)).toThrow('not between -32768 and 32767')
  })
})
