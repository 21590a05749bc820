import { ExactNumber } from '@eds/core'
import { describe, expect, it } from 'vitest'
import { jsonbText } from '../src/jsonb-text.js'

describe('JSONB text', () => {
  it.each([
    ['a NUL in a text', { text: 'a\u0000b' }],
    ['a NUL in a name', { 'a\u0000b': 1 }],
    ['a high surrogate alone', ['\ud800']],
    ['a low surrogate alone', ['\udfff x']],
    ['a NUL behind an escaped backslash', ['\\\\\u0000']],
    ['a NUL next to an exact number', ['\u0000', new ExactNumber('12345678901234567890')]],
  ])('refuses %s for JSONB', (_, value) => {
    expect(() => jsonbText(value)).toThrow('cannot store')
  })

  it.each([['\\u0000'], ['\\\\u0000'], ['\\ud800'], ['🔧 \u0001'], ['C:\\users']])(
    'takes %j for JSONB, which only looks dangerous',
    (text) => {
      expect(JSON.parse(jsonbText([text]))).toEqual([text])
    },
  )
})
