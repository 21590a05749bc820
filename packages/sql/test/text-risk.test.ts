import { expect, it } from 'vitest'
import { maybeUnstorable, needsEscapes, noRisk, textRiskOf } from '../src/index.js'

it.each([
  ['{"a":"plain"}', noRisk],
  ['{"a":"a \\t tab"}', needsEscapes],
  ['{"a":"a \\u0000 NUL"}', maybeUnstorable],
  ['', maybeUnstorable],
])('looks at the bytes of %j', (text, risk) => {
  expect(textRiskOf({ bytes: Buffer.from(text) })).toBe(risk)
})

it.each([
  ['none', noRisk],
  ['characters', needsEscapes],
  ['unicode', maybeUnstorable],
] as const)('need not look at the bytes when there are said to be escapes: %s', (escapes, risk) => {
  const event = {
    escapes,
    get bytes(): Uint8Array {
      throw new Error('looked')
    },
  }
  expect(textRiskOf(event)).toBe(risk)
})
