import { describe, expect, it } from 'vitest'
import { formatDuration, parseDuration } from '../src/duration.js'

describe('parseDuration', () => {
  it.each([
    ['250ms', 250],
    ['2s', 2_000],
    ['24h', 86_400_000],
    ['1h45m', 6_300_000],
    ['1.5s', 1_500],
    ['.5s', 500],
    ['0', 0],
    ['100us', 0.1],
    ['3µs', 0.003],
    ['1m0.25s', 60_250],
  ])('reads %s', (text, milliseconds) => {
    expect(parseDuration(text)).toBeCloseTo(milliseconds, 6)
  })

  it.each(['', '2', '-2s', '2 s', 's', '2sec', '2h-3m', '1d', 'ms5'])('refuses %o', (text) => {
    expect(parseDuration(text)).toBeUndefined()
  })
})

describe('formatDuration', () => {
  it.each([
    [0, '0 ms'],
    [999.4, '999 ms'],
    [12_400, '12 s'],
    [200_000, '3 min 20 s'],
    [7_500_000, '2 h 5 min'],
    [3_600_000, '1 h'],
    [356_400_000, '4 d 3 h'],
  ])('writes %d as %s', (milliseconds, text) => {
    expect(formatDuration(milliseconds)).toBe(text)
  })
})
