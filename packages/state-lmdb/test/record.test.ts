import { array, assert, integer, oneof, property } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { childPath, readRecord, recordRange, rootPath, storedKey, storedValue } from '../src/record.js'
import { decodeText, encodeText } from '../src/text-bytes.js'

/** Halves of surrogate pairs included, alone and in pairs. */
const codeUnit = oneof(
  integer({ min: 0, max: 0x7f }),
  integer({ min: 0xd7f0, max: 0xe010 }),
  integer({ min: 0, max: 0xffff }),
)
const anyText = array(codeUnit, { maxLength: 20 }).map((units) => String.fromCharCode(...units))
const maxLmdbKeyBytes = 1_978

describe('encodeText', () => {
  it('gives every text back, in bytes that never reach the marks', () => {
    assert(
      property(anyText, (text) => {
        const bytes = encodeText(text)
        expect(decodeText(bytes)).toBe(text)
        expect(Math.max(0, ...bytes)).toBeLessThanOrEqual(0xef)
      }),
    )
  })

  it('sorts as JavaScript does', () => {
    assert(
      property(anyText, anyText, (left, right) => {
        const order = left < right ? -1 : left > right ? 1 : 0
        expect(encodeText(left).compare(encodeText(right))).toBe(order)
      }),
    )
  })
})

describe('storedKey', () => {
  const places = [rootPath, childPath(rootPath, ''), childPath(childPath(rootPath, 'x'.repeat(5_000)), 'ä'.repeat(150))]

  it.each(places)('fits into LMDB and gives the entry back, short or long', (place) => {
    for (const length of [0, 1, 1_399, 1_400, 1_401, 100_000]) {
      const entry = ['k'.repeat(length), 'value'] as const
      const key = storedKey(place, entry[0])
      expect(key.length).toBeLessThanOrEqual(maxLmdbKeyBytes)
      expect(readRecord(place, { key, value: storedValue(...entry) })).toEqual(entry)
    }
  })

  it('is within the range of each of its prefixes', () => {
    assert(
      property(anyText, anyText, (prefix, rest) => {
        for (const long of ['', 'x'.repeat(2_000)]) {
          const key = storedKey(rootPath, long + prefix + rest)
          const { start, end } = recordRange(rootPath, long + prefix)
          expect(key.compare(start)).toBeGreaterThanOrEqual(0)
          expect(key.compare(end)).toBe(-1)
        }
      }),
    )
  })
})
