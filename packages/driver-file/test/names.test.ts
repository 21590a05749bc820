import { resolve } from 'node:path'
import { array, assert, constantFrom, integer, oneof, property } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeName, encodeName } from '../src/names.js'

const codeUnit = oneof(
  integer({ min: 0, max: 0x7f }),
  integer({ min: 0xd7f0, max: 0xe010 }),
  integer({ min: 0, max: 0xffff }),
).map((unit) => String.fromCharCode(unit))
const trap = constantFrom(
  '.',
  '..',
  '/',
  '\\',
  '%',
  '%2F',
  '%2f',
  '%~',
  '%ED%A0%80',
  '~',
  '-',
  '\u0000',
  '\ud83d\ude00',
)
const anyText = (maxLength: number) => array(oneof(codeUnit, trap), { maxLength }).map((parts) => parts.join(''))

const kept = [
  'order',
  'Order_2',
  '0b0e5f4c-2b1f-4c1e-9a55-3f1f7a6d5c11',
  'a.b',
  'with space',
  'ümläut',
  '🔧',
  'a:b*?',
  '~',
]

describe('encodeName', () => {
  it.each(kept)('leaves %s as it is', (text) => {
    expect(encodeName(text)).toBe(text)
  })

  it.each([
    ['.', '%2E'],
    ['..', '%2E.'],
    ['.hidden', '%2Ehidden'],
    ['../../etc', '%2E.%2F..%2Fetc'],
    ['a\\b', 'a%5Cb'],
    ['100%', '100%25'],
    ['nul\u0000', 'nul%00'],
    ['\ud800', '%ED%A0%80'],
    ['', '%'],
  ])('writes %j as %s', (text, name) => {
    expect(encodeName(text)).toBe(name)
  })

  it('can be reversed, and never leaves its folder', () => {
    assert(
      property(anyText(20), (text) => {
        const name = encodeName(text)
        expect(decodeName(name)).toBe(text)
        expect(resolve('/folder', name)).toBe(`/folder/${name}`)
        expect(name).not.toMatch(/^\.|[\p{Cc}/\\]|\p{Cs}|^$/u)
      }),
      { numRuns: 2_000 },
    )
  })

  it('is never longer than a name may be, and tells long texts apart', () => {
    assert(
      property(anyText(400), integer({ min: 60, max: 255 }), (text, maxBytes) => {
        const name = encodeName(text, maxBytes)
        expect(Buffer.byteLength(name)).toBeLessThanOrEqual(maxBytes)
        expect(resolve('/folder', name)).toBe(`/folder/${name}`)
        const longer = `${text}${'x'.repeat(maxBytes)}`
        expect(encodeName(`${longer}a`, maxBytes)).not.toBe(encodeName(`${longer}b`, maxBytes))
        expect(decodeName(encodeName(`${longer}a`, maxBytes))).toBeUndefined()
      }),
      { numRuns: 500 },
    )
  })

  it('shortens to the beginning and a digest', () => {
    const name = encodeName('k'.repeat(300))
    expect(name).toMatch(/^k{221}%~[0-9a-f]{32}$/)
  })
})
