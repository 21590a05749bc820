import { describe, expect, it } from 'vitest'
import { generatorSource } from '../src/index.js'
import { readAll, readTexts, requestOf } from './fixtures/reading.js'
import { VirtualClock } from './fixtures/virtual-clock.js'

function* count(after: number, to: number, filler = ''): Generator<{ bytes: Buffer }> {
  for (let number = after + 1; number <= to; number++) yield { bytes: Buffer.from(`${number}${filler}`) }
}

function counting(to: number, rate?: number) {
  const clock = new VirtualClock()
  const description = 'made up'
  const options = { description, open: (after: number) => count(after, to), total: to, clock }
  return { clock, source: generatorSource(rate === undefined ? options : { ...options, rate }) }
}

describe('generatorSource', () => {
  it('goes on from every position with exactly the rest', async () => {
    const { source } = counting(20)
    const deliveries = await readAll(source)
    expect(deliveries.map(({ position }) => Number(position))).toEqual(
      Array.from({ length: 20 }, (_, index) => index + 1),
    )
    for (const [index, { position }] of deliveries.entries()) {
      const rest = Array.from({ length: 19 - index }, (_, more) => `${index + 2 + more}`)
      expect(await readTexts(source, { after: position })).toEqual(rest)
    }
  })

  it('refuses a position that it has not made', async () => {
    await expect(counting(1).source.open(requestOf({ after: '1.2' }))).rejects.toMatchObject({ code: 'gap' })
  })

  it('makes events only when they are asked for, in chunks of bounded size', async () => {
    let made = 0
    const source = generatorSource({
      description: 'endless',
      *open() {
        for (;;) yield { bytes: Buffer.alloc(10_000, ++made) }
      },
    })
    const reader = await source.open(requestOf())
    const { value } = await reader[Symbol.asyncIterator]().next()
    expect(value).toHaveLength(105)
    expect(made).toBe(105)
    await reader.close()
  })

  it('keeps to the rate, says how many remain and when each was handed over', async () => {
    const { source, clock } = counting(1_000, 200)
    const begun = clock.now()
    const reader = await source.open(requestOf())
    expect(reader.behind?.()).toBe(1_000)
    let read = 0
    for await (const chunk of reader) {
      expect(chunk).toHaveLength(4)
      expect(chunk[0]!.time).toBe(clock.now())
      read += chunk.length
      expect(reader.behind?.()).toBe(1_000 - read)
    }
    expect((clock.now() - begun) / 1_000).toBeCloseTo(5, 0)
  })

  it('keeps the times that it is given', async () => {
    const source = generatorSource({ description: 'timed', open: () => [{ bytes: Buffer.from('1'), time: 42 }] })
    expect((await readAll(source))[0]!.time).toBe(42)
  })

  it('ends when it is closed', async () => {
    const reader = await counting(10_000).source.open(requestOf())
    const chunks = reader[Symbol.asyncIterator]()
    await chunks.next()
    await reader.close()
    expect((await chunks.next()).done).toBe(true)
  })
})
