import { ExactNumber } from '@eds/core'
import { describe, expect, it } from 'vitest'
import { jsonText } from '../src/json-text.js'

describe('JSON text', () => {
  it('keeps the digits of numbers that a double cannot hold, at any depth', () => {
    const value = {
      a: [new ExactNumber('9007199254740993'), { b: new ExactNumber('1e400') }],
      c: 'x',
      d: null,
      e: undefined,
    }
    expect(jsonText(value)).toBe('{"a":[9007199254740993,{"b":1e400}],"c":"x","d":null}')
  })

  it('writes the same with and without exact numbers', () => {
    const value = { 'odd "name"': ['\n', 1.5, true, [], {}], z: { y: '\u2028' } }
    const { more, ...rest } = JSON.parse(jsonText({ ...value, more: new ExactNumber('12345678901234567890') }))
    expect(more).toBeTypeOf('number')
    expect(rest).toEqual(value)
    expect(JSON.parse(jsonText(value))).toEqual(value)
  })

  it('keeps names of the prototype', () => {
    expect(jsonText(JSON.parse('{"__proto__":{"polluted":true}}'))).toBe('{"__proto__":{"polluted":true}}')
    const exact = JSON.parse('{"__proto__":{"polluted":true}}')
    exact.number = new ExactNumber('12345678901234567890')
    expect(jsonText(exact)).toBe('{"__proto__":{"polluted":true},"number":12345678901234567890}')
  })

  it('leaves JSON columns their NUL, which they keep as an escape', () => {
    expect(jsonText(['\u0000'])).toBe('["\\u0000"]')
  })
})
