import { describe, expect, it } from 'vitest'
import { Arrivals } from '../../../src/import/hq/arrivals.js'
import { slots } from '../../../src/import/hq/slots.js'

describe('arrivals', () => {
  it('go to whoever asks, each once, whether asked for before or after they came', async () => {
    const arrivals = new Arrivals<number>()
    const early = [arrivals.next(), arrivals.next()]
    for (const value of [1, 2, 3]) arrivals.add(value)
    arrivals.end()
    expect(await Promise.all(early)).toEqual([
      { done: false, value: 1 },
      { done: false, value: 2 },
    ])
    expect(await arrivals.next()).toEqual({ done: false, value: 3 })
    expect(await arrivals.next()).toEqual({ done: true, value: undefined })
  })

  it('end with an error for all who wait, behind what has come', async () => {
    const arrivals = new Arrivals<number>()
    const waiting = arrivals.next()
    arrivals.end({ error: new Error('away') })
    await expect(waiting).rejects.toThrow('away')
    await expect(arrivals.next()).rejects.toThrow('away')
  })
})

describe('slots', () => {
  it('let so many run at a time, and the next when one has ended, well or not', async () => {
    const inSlot = slots(2)
    const log: string[] = []
    const ends = new Map<string, (error?: Error) => void>()
    const run = (name: string) =>
      inSlot(async () => {
        log.push(name)
        await new Promise<void>((resolve, reject) => ends.set(name, (error) => (error ? reject(error) : resolve())))
      })
    const [a, b, c, d] = ['a', 'b', 'c', 'd'].map(run)
    expect(log).toEqual(['a', 'b'])
    ends.get('a')?.(new Error('failed'))
    await expect(a).rejects.toThrow('failed')
    await expect.poll(() => log).toEqual(['a', 'b', 'c'])
    for (const name of ['b', 'c']) ends.get(name)?.()
    await Promise.all([b, c])
    await expect.poll(() => log).toEqual(['a', 'b', 'c', 'd'])
    ends.get('d')?.()
    await d
  })
})
