import { describe, expect, it } from 'vitest'
import { parsePosition, positionOf } from '../src/position.js'

describe('positionOf', () => {
  it('sorts by text in stream order, with names that files may have', () => {
    const positions = [9, 10, 99_999, 2 ** 52].map((sequence) => positionOf({ sequence, time: 1_720_732_611_708 }))
    expect([...positions].sort()).toEqual(positions)
    expect(positions.every((position) => /^[0-9A-Za-z_.]{1,100}$/.test(position))).toBe(true)
  })
})

describe('parsePosition', () => {
  it('gives back what positionOf was given', () => {
    const place = { sequence: 42, time: 1_720_732_611_708 }
    expect(parsePosition(positionOf(place))).toEqual(place)
  })

  it.each(['', '42', '0000000000000042', 'file_0000000000000042.1', '0000000000000042.1.2'])(
    'refuses %j',
    (position) => {
      expect(() => parsePosition(position)).toThrow(expect.objectContaining({ code: 'configuration' }))
    },
  )
})
