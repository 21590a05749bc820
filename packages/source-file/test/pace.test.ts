import { describe, expect, it } from 'vitest'
import { Pace } from '../src/pace.js'
import { VirtualClock } from './fixtures/virtual-clock.js'

const { signal } = new AbortController()

/** Sends chunks as large as the pace allows, taking `workMs` for each. Gives the times of the chunks since the first, milliseconds. */
async function send(pace: Pace, clock: VirtualClock, events: number, workMs = 0): Promise<number[]> {
  const times: number[] = []
  for (let sent = 0; sent < events; sent += pace.chunkEvents) {
    await pace.wait(pace.chunkEvents, signal)
    times.push(clock.now())
    clock.time += workMs
  }
  return times.map((time) => time - times[0]!)
}

describe('Pace', () => {
  it.each([
    [200, 4, 20],
    [1_000, 20, 20],
    [10_000, 200, 20],
    [1, 1, 1_000],
    [0.5, 1, 2_000],
    [1_000_000, 1_000, 1],
  ])('%d events/s go in chunks of %d, every %d ms', async (rate, chunkEvents, intervalMs) => {
    const clock = new VirtualClock()
    const pace = new Pace(rate, clock)
    expect(pace.chunkEvents).toBe(chunkEvents)
    clock.time += 60_000
    const times = await send(pace, clock, chunkEvents * 200)
    const steady = times.slice(-20)
    expect(steady[19]! - steady[0]!).toBeCloseTo(19 * intervalMs, 5)
  })

  it('keeps the rate over time, whatever the chunks take', async () => {
    const clock = new VirtualClock()
    const times = await send(new Pace(200, clock), clock, 10_000, 7)
    expect(times.at(-1)! / 1_000).toBeCloseTo(10_000 / 200, 0)
  })

  it('does not make up for a long pause with a burst', async () => {
    const clock = new VirtualClock()
    const pace = new Pace(200, clock)
    await send(pace, clock, 400)
    clock.time += 600_000
    const times = await send(pace, clock, 400)
    expect(times.filter((time) => time === 0).length).toBeLessThanOrEqual(6)
    expect(times.at(-1)!).toBeGreaterThan(1_800)
  })

  it('without a rate never waits', async () => {
    const clock = new VirtualClock()
    await send(new Pace(undefined, clock), clock, 100_000)
    expect(clock.sleeps).toEqual([])
  })

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('refuses a rate of %d', (rate) => {
    expect(() => new Pace(rate, new VirtualClock())).toThrow(`the rate is ${rate}`)
  })
})
