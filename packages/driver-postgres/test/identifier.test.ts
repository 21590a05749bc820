import { describe, expect, it } from 'vitest'
import { quoteIdentifier, quoteLiteral } from '../src/identifier.js'

describe('identifiers', () => {
  it.each([
    ['order', '"order"'],
    ['Mixed Case', '"Mixed Case"'],
    ['a"b', '"a""b"'],
    ['";DROP TABLE x;--', '""";DROP TABLE x;--"'],
    ['line\nbreak', '"line\nbreak"'],
    ['🔧', '"🔧"'],
    ['x'.repeat(63), `"${'x'.repeat(63)}"`],
  ])('%j is quoted', (name, quoted) => {
    expect(quoteIdentifier(name)).toBe(quoted)
  })

  it.each([
    ['', 'empty column name'],
    ['a\u0000b', 'NUL'],
    ['a\ud800', 'surrogate'],
    ['x'.repeat(64), '64 bytes'],
    ['é'.repeat(32), '64 bytes'],
  ])('%j is refused', (name, reason) => {
    expect(() => quoteIdentifier(name, 'column name')).toThrow(expect.objectContaining({ code: 'unsupported' }))
    expect(() => quoteIdentifier(name, 'column name')).toThrow(reason)
  })

  it('quotes literals', () => {
    expect(quoteLiteral("it's")).toBe("'it''s'")
  })
})
