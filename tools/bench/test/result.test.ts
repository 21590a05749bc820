import { describe, expect, it } from 'vitest'
import { median, percentile, row } from '../src/result.js'

describe('results', () => {
  it.each([
    [[3, 1, 2], 2],
    [[4, 1, 2, 3], 2.5],
    [[7], 7],
  ])('the median of %j is %d', (values, expected) => {
    expect(median(values)).toBe(expected)
  })

  it('takes percentiles from the values, unsorted', () => {
    const values = Array.from({ length: 100 }, (_, index) => 100 - index)
    expect(percentile(values, 0.99)).toBe(100)
    expect(percentile(values, 0.5)).toBe(51)
  })

  it('compares the median with limit and plain way', () => {
    expect(row('b', 'm', 'events/s', [90_000, 100_000, 110_000], { limit: 200_000, naive: 25_000 })).toEqual({
      bench: 'b',
      metric: 'm',
      value: 100_000,
      unit: 'events/s',
      spread: [90_000, 110_000],
      limit: 200_000,
      naive: 25_000,
      ratioToLimit: 0.5,
      ratioToNaive: 4,
    })
  })
})
