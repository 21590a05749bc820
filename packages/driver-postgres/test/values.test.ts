import { inspect } from 'node:util'
import { ExactNumber, type JsonValue } from '@eds/core'
import { type ToText, UnfitValue } from '@eds/sql'
import { describe, expect, it } from 'vitest'
import * as values from '../src/values.js'

const exact = (text: string) => new ExactNumber(text)
const unlimited = { maxLength: Number.POSITIVE_INFINITY }

/** `undefined`: refused. */
type Case = readonly [value: JsonValue, text: string | undefined]

const tables: Readonly<Record<string, readonly [ToText, readonly Case[]]>> = {
  JSONB: [
    values.toJsonb,
    [
      ['text', '"text"'],
      [1e21, '1e+21'],
      [[exact('1e400')], '[1e400]'],
    ],
  ],
  'TEXT[]': [
    values.toArray,
    [
      [[], '{}'],
      [['a', 'b,c', 'quote " and \\', null, 'NULL'], '{"a","b,c","quote \\" and \\\\",NULL,"NULL"}'],
      [[[1, 2], [3]], '{{"1","2"},{"3"}}'],
      [[{ a: 1 }], '{"{\\"a\\":1}"}'],
      ['text', undefined],
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
})
