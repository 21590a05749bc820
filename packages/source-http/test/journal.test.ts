import { type Delivery, memoryState, type StateStore } from '@eds/core'
import { describe, expect, it } from 'vitest'
import { type HttpSource, httpSource } from '../src/index.js'

const { signal } = new AbortController()

async function take(source: HttpSource, cursor: string, count: number): Promise<Delivery[]> {
  const reader = await source.open({ cursor, start: { at: 'beginning' }, signal })
  const taken: Delivery[] = []
  for await (const chunk of reader) {
    taken.push(...chunk)
    if (taken.length >= count) break
  }
  const last = taken[count - 1]
  if (last !== undefined) await reader.acknowledge(last)
  return taken
}

async function keysOf(state: StateStore, prefix: string): Promise<string[]> {
  const keys: string[] = []
  for await (const [key] of state.entries(prefix)) keys.push(key)
  return keys
}

const events = (count: number) => Array.from({ length: count }, (_, index) => `{"number":${index + 1}}`)

describe('the journal', () => {
  it('is trimmed when every cursor has acknowledged, but for what is kept', async () => {
    const journal = memoryState()
    const source = httpSource({ journal, keepAcknowledged: 10 })
    await Promise.all(events(100).map((event) => source.publish(event)))
    await source.open({ cursor: 'slow', start: { at: 'beginning' }, signal })
    await take(source, 'fast', 100)
    expect(await keysOf(journal, 'event/')).toHaveLength(100)
    expect(source.backlog).toBe(100)
    await source.forget('slow')
    expect(await keysOf(journal, 'event/')).toHaveLength(10)
    expect(source.backlog).toBe(0)
  })

  it('keeps events for the first cursor when it is durable, and for nobody when it is not', async () => {
    const journal = memoryState()
    const durable = httpSource({ journal, keepAcknowledged: 0 })
    await durable.publish('{}')
    expect(await take(durable, 'first', 1)).toHaveLength(1)
    const live = httpSource({ keepAcknowledged: 0, maxBacklogEvents: 5 })
    await Promise.all(events(5).map((event) => live.publish(event)))
    expect(live.backlog).toBe(0)
    const reader = await live.open({ cursor: 'late', start: { at: 'beginning' }, signal })
    expect(reader.behind?.()).toBe(0)
  })

  it('refuses more than may wait, and takes events again when some are acknowledged', async () => {
    const source = httpSource({ journal: memoryState(), maxBacklogEvents: 3 })
    await Promise.all(events(3).map((event) => source.publish(event)))
    await expect(source.publish('{}')).rejects.toMatchObject({ code: 'throttled' })
    await take(source, 'sink', 2)
    await source.publish('{}')
    expect(source.backlog).toBe(2)
  })

  it('writes what is published together at once', async () => {
    const state = memoryState()
    let writes = 0
    const counting: StateStore = {
      get: (key) => state.get(key),
      entries: (prefix) => state.entries(prefix),
      namespace: (name) => state.namespace(name),
      write: (changes) => {
        writes++
        return state.write(changes)
      },
    }
    const source = httpSource({ journal: counting })
    await source.publish('{}')
    writes = 0
    await Promise.all(events(500).map((event) => source.publish(event)))
    expect(writes).toBeLessThanOrEqual(2)
  })

  it('says so when the store fails, stores nothing then, and goes on when it is back', async () => {
    const state = memoryState()
    let broken = false
    const failing: StateStore = {
      get: (key) => state.get(key),
      entries: (prefix) => state.entries(prefix),
      namespace: (name) => state.namespace(name),
      write: (changes) => (broken ? Promise.reject(new Error('disk full')) : state.write(changes)),
    }
    const source = httpSource({ journal: failing })
    await source.publish('{"number":1}')
    broken = true
    await expect(source.publish('{"number":2}')).rejects.toThrow('disk full')
    broken = false
    await source.publish('{"number":3}')
    const found = await take(source, 'sink', 2)
    expect(found.map(({ bytes }) => Buffer.from(bytes).toString())).toEqual(['{"number":1}', '{"number":3}'])
  })

  it('never lets the time fall, so that a start by time finds its place', async () => {
    const times = [1_000, 2_000, 1_500, 3_000]
    const source = httpSource({ journal: memoryState(), clock: { now: () => times.shift() ?? 9_000 } })
    for (const event of events(4)) await source.publish(event)
    const reader = await source.open({ cursor: 'sink', start: { at: 'time', time: 2_000 }, signal })
    for await (const chunk of reader) {
      expect(chunk.map(({ time }) => time)).toEqual([2_000, 2_000, 3_000])
      break
    }
  })
})
