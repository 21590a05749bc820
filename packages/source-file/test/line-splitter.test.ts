import { array, assert, constantFrom, integer, property } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Line, LineSplitter } from '../src/line-splitter.js'

function split(text: string | Buffer, blockBytes = 1_000, offset = 0, maxLineBytes = 1_000): Line[] {
  const bytes = Buffer.from(text)
  const splitter = new LineSplitter(offset, maxLineBytes)
  const lines: Line[] = []
  for (let at = 0; at < bytes.length; at += blockBytes)
    lines.push(...splitter.push(bytes.subarray(at, at + blockBytes)))
  return [...lines, ...splitter.end()]
}

const shown = (lines: readonly Line[]) => lines.map(({ bytes, end }) => [bytes.toString(), end])

describe('LineSplitter', () => {
  it.each([
    ['nothing', '', []],
    [
      'lines',
      'a\nbc\n',
      [
        ['a', 2],
        ['bc', 5],
      ],
    ],
    [
      'a last line without line break',
      'a\nbc',
      [
        ['a', 2],
        ['bc', 4],
      ],
    ],
    ['blank lines', '\n \n\t\r\na\n\n', [['a', 8]]],
    [
      'carriage returns',
      'a\r\nb\r\n',
      [
        ['a', 3],
        ['b', 6],
      ],
    ],
    ['spaces around, which are left', ' a \n', [[' a ', 4]]],
    [
      'a byte order mark',
      '\ufeffa\n\ufeffb\n',
      [
        ['a', 5],
        ['\ufeffb', 10],
      ],
    ],
  ] as const)('%s', (_, text, lines) => {
    for (const blockBytes of [1, 2, 3, 1_000]) expect(shown(split(text, blockBytes))).toEqual(lines)
  })

  it('counts from the offset at which it begins', () => {
    expect(shown(split('a\nb\n', 1_000, 100))).toEqual([
      ['a', 102],
      ['b', 104],
    ])
  })

  it('gives the same lines however the text is cut into blocks', () => {
    const text = array(constantFrom('a', 'é', '\n', '\r\n', ' ', '{"key":"value"}'), { maxLength: 200 })
    assert(
      property(text, integer({ min: 1, max: 50 }), (parts, blockBytes) => {
        expect(shown(split(parts.join(''), blockBytes))).toEqual(shown(split(parts.join(''))))
      }),
    )
  })

  it('cuts off a line that is too long, says how long it was, and goes on behind it', () => {
    const text = `a\n${'x'.repeat(200_000)}\nb\n${'y'.repeat(100_001)}`
    for (const blockBytes of [997, 1_000_000]) {
      const lines = split(text, blockBytes, 0, 100_000)
      expect(lines.map(({ bytes, end, tooLong }) => [bytes.length, end, tooLong])).toEqual([
        [1, 2, undefined],
        [65_536, 200_003, 200_000],
        [1, 200_005, undefined],
        [65_536, 300_006, 100_001],
      ])
      expect(lines[1]!.bytes.every((byte) => byte === 'x'.charCodeAt(0))).toBe(true)
    }
  })

  it('takes a line of exactly the longest length', () => {
    expect(split('1234\n', 1, 0, 4)).toMatchObject([{ end: 5 }])
    expect(split('1234\n', 1, 0, 4)[0]!.tooLong).toBeUndefined()
    expect(split('12345\n', 1, 0, 4)[0]!.tooLong).toBe(5)
  })
})
