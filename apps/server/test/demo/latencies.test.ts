import { describe, expect, it } from 'vitest'
import { Latencies } from '../../src/demo/latencies.js'

describe('Latencies', () => {
  it('tells percentiles within five per cent', () => {
    const latencies = new Latencies()
    for (let value = 1; value <= 1_000; value++) latencies.add(value, 3)
    for (const share of [0.5, 0.9, 0.99]) {
      expect(latencies.percentile(share)).toBeGreaterThanOrEqual(share * 1_000)
      expect(latencies.percentile(share)).toBeLessThan(share * 1_000 * 1.06)
    }
  })

  it('counts a batch as often as it has events', () => {
    const latencies = new Latencies()
    latencies.add(10, 99)
    latencies.add(5_000, 1)
    expect(latencies.percentile(0.99)).toBeLessThan(11)
    expect(latencies.percentile(1)).toBeGreaterThanOrEqual(5_000)
  })

  it('says 0 without events', () => {
    expect(new Latencies().percentile(0.99)).toBe(0)
  })
})
