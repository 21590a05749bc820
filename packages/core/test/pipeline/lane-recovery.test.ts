import { describe, expect, it } from 'vitest'
import {
  type Clock,
  createPipeline,
  type Delivery,
  EdsError,
  type LaneState,
  memoryState,
  type Source,
  type SourceReader,
  sink,
  staticRegistry,
  type TableSchema,
} from '../../src/index.js'
import { Destination, delivery, driverOf, eventText, MemoryLetters, MemorySource } from './memory-world.js'

const ten = Array.from({ length: 10 }, (_, index) => delivery(index + 1, eventText({ id: `e${index + 1}` })))
const allIds = ten.map((_, index) => `e${index + 1}`)
const retry = { baseMs: 1, maxMs: 2 }

/** A source whose readers break as told, one plan per reader: after so many chunks, with this error. */
function breakingSource(plans: readonly { readonly chunks: number; readonly error: EdsError }[]): MemorySource {
  const source = new MemorySource(ten, 2)
  const open = source.open.bind(source)
  source.open = async (request) => {
    const plan = plans[source.opened.length]
    const reader = await open(request)
    if (!plan) return reader
    return {
      ...reader,
      async *[Symbol.asyncIterator]() {
        let left = plan.chunks
        for await (const chunk of reader) {
          if (left-- === 0) throw plan.error
          yield chunk
        }
      },
    }
  }
  return source
}

describe('when the source breaks', () => {
  it('opens it again after the last durable position, and skips nothing', async () => {
    const cut = new EdsError('connection', 'cut')
    const source = breakingSource([
      { chunks: 2, error: cut },
      { chunks: 0, error: cut },
      { chunks: 1, error: cut },
    ])
    const destination = new Destination()
    const state = memoryState()
    await createPipeline({ source, state, retry, sinks: [sink(driverOf(destination.write), {})] }).run()
    expect(destination.events).toEqual(allIds)
    expect(source.opened).toEqual([undefined, ten[3]?.position, ten[3]?.position, ten[5]?.position])
  })

  it('stops loudly at a gap', async () => {
    const source = breakingSource([{ chunks: 1, error: new EdsError('gap', 'events 3 to 7 are gone') }])
    const destination = new Destination()
    const pipeline = createPipeline({ source, retry, sinks: [sink(driverOf(destination.write), {})] })
    await expect(pipeline.run()).rejects.toThrow('events 3 to 7 are gone')
    expect(destination.events).toEqual(['e1', 'e2'])
    expect(pipeline.lanes[0]?.status()).toMatchObject({ state: 'stopped', error: { code: 'gap' } })
  })

  it('does not deliver twice what a new reader repeats', async () => {
    const source = new MemorySource([...ten.slice(0, 6), ...ten.slice(2)], 6)
    const destination = new Destination()
    await createPipeline({ source, sinks: [sink(driverOf(destination.write), {})] }).run()
    expect(destination.events).toEqual(allIds)
  })
})

describe('stable batches', () => {
  it('come again with the same cut after a crash, even when more could be had', async () => {
    const state = memoryState()
    const cuts: [string, string][] = []
    let crash: (() => void) | undefined
    const crashed = new Promise<void>((resolve) => {
      crash = resolve
    })
    const write = async (batch: { readonly first: string; readonly last: string }) => {
      cuts.push([batch.first, batch.last])
      if (cuts.length === 2) {
        crash?.()
        await new Promise(() => {})
      }
      return {}
    }
    const stable = { traits: { batches: 'stable', maxBatchEvents: 3 } } as const
    // The first run never ends: as far as its surroundings can tell, the process died in its second write.
    void createPipeline({
      source: new MemorySource(ten.slice(0, 5), 5),
      state,
      sinks: [sink(driverOf(write, stable), {})],
    }).run()
    await crashed
    await createPipeline({ source: new MemorySource(ten, 10), state, sinks: [sink(driverOf(write, stable), {})] }).run()
    const [, second, replayed] = cuts
    expect(replayed).toEqual(second)
    expect(cuts.slice(2).map(([first]) => first)).toEqual([ten[3]?.position, ten[5]?.position, ten[8]?.position])
  })
})

describe('migrations', () => {
  const schema = (modelVersion: string, ...columns: string[]): TableSchema => ({
    table: 'order',
    modelVersion,
    primaryKeys: ['id'],
    required: ['id'],
    properties: Object.fromEntries(columns.map((name) => [name, { type: 'string' }])),
  })

  it('run once per table and version, before the first write of it, and interleaved versions do not cut batches', async () => {
    const calls: string[] = []
    const destination = new Destination(({ events }) => {
      calls.push(`write ${events.map(({ modelVersion }) => modelVersion)}`)
      return undefined
    })
    const versions = ['v1', 'v2', 'v1', 'v2', 'v1', 'v2', 'v1', 'v2']
    const deliveries = versions.map((modelVersion, index) =>
      delivery(index + 1, eventText({ id: `e${index}`, modelVersion })),
    )
    const support = {
      prepare: async (schemas: readonly TableSchema[]) => {
        calls.push(`prepare ${schemas.map(({ modelVersion }) => modelVersion)}`)
        return []
      },
    }
    await createPipeline({
      source: new MemorySource(deliveries, 8),
      registry: staticRegistry([schema('v1', 'id'), schema('v2', 'id', 'name')]),
      sinks: [sink(driverOf(destination.write, { schema: support }), {})],
    }).run()
    expect(calls).toEqual(['prepare v1,v2', 'write v1,v2,v1,v2', 'write v1,v2,v1,v2'])
  })

  it('sets events of an unknown table or of one that cannot be written aside, and goes on', async () => {
    const letters = new MemoryLetters()
    const destination = new Destination()
    const deliveries = [
      delivery(1, eventText({ id: 'a', table: 'nowhere' })),
      delivery(2, eventText({ id: 'b', table: 'refused' })),
      delivery(3, eventText({ id: 'c' })),
    ]
    const support = {
      prepare: async (schemas: readonly TableSchema[]) => {
        if (schemas.some(({ table }) => table === 'refused'))
          throw new EdsError('record', 'no such name', { table: 'refused' })
        return []
      },
    }
    await createPipeline({
      source: new MemorySource(deliveries),
      deadLetters: letters,
      registry: staticRegistry([schema('v1', 'id'), { ...schema('v1', 'id'), table: 'refused' }]),
      sinks: [sink(driverOf(destination.write, { schema: support }), {})],
    }).run()
    expect(destination.events).toEqual(['c'])
    expect(letters.letters.map(({ reason }) => reason)).toEqual([
      expect.stringContaining('no schema for table "nowhere"'),
      'no such name',
    ])
  })

  it('prepare again when the destination says that a table changed under us', async () => {
    let prepared = 0
    let failed = false
    const destination = new Destination(() => {
      if (failed) return undefined
      failed = true
      throw new EdsError('schema', 'the table is gone', { table: 'order' })
    })
    const support = {
      prepare: async () => {
        prepared++
        return []
      },
    }
    const sinks = [sink(driverOf(destination.write, { schema: support }), {})]
    await createPipeline({ source: new MemorySource(ten), registry: staticRegistry([schema('v1', 'id')]), sinks }).run()
    expect(destination.events).toEqual(allIds)
    expect(prepared).toBe(2)
  })
})

describe('a registry', () => {
  const prepared: TableSchema[][] = []
  const support = {
    prepare: async (schemas: readonly TableSchema[]) => {
      prepared.push([...schemas])
      return []
    },
  }

  it('that fails for one table leaves no other table counting as prepared', async () => {
    prepared.length = 0
    let asked = 0
    const registry = staticRegistry([])
    registry.get = async (table, modelVersion) => {
      if (++asked === 2) throw new EdsError('connection', 'the registry is down')
      return { table, modelVersion, primaryKeys: ['id'], required: [], properties: { id: { type: 'string' } } }
    }
    const deliveries = ['one', 'two'].map((table, index) => delivery(index + 1, eventText({ id: table, table })))
    const destination = new Destination()
    const sinks = [sink(driverOf(destination.write, { schema: support }), {})]
    await createPipeline({ source: new MemorySource(deliveries), registry, retry, sinks }).run()
    expect(prepared.map((schemas) => schemas.map(({ table }) => table))).toEqual([['one', 'two']])
    expect(destination.events).toEqual(['one', 'two'])
  })

  it('that infers learns from every row of a batch before the destination is prepared', async () => {
    prepared.length = 0
    const columns = ['a', 'b', 'c', 'd', 'e']
    const deliveries = columns.map((name, index) =>
      delivery(index + 1, eventText({ id: name, after: { id: name, [name]: 1 } })),
    )
    const destination = new Destination()
    const sinks = [sink(driverOf(destination.write, { schema: support, traits: { maxBatchEvents: 10 } }), {})]
    await createPipeline({ source: new MemorySource(deliveries, 5), sinks }).run()
    expect(Object.keys(prepared[0]?.[0]?.properties ?? {})).toEqual(['id', ...columns])
    expect(destination.batches).toEqual([columns])
  })
})

describe('unknown errors', () => {
  it('stop the lane when several events in a row fail that way, instead of setting everything aside', async () => {
    const letters = new MemoryLetters()
    const destination = new Destination(() => {
      throw new Error('what is this')
    })
    const pipeline = createPipeline({
      source: new MemorySource(ten),
      deadLetters: letters,
      retry,
      sinks: [sink(driverOf(destination.write), {})],
    })
    await expect(pipeline.run()).rejects.toThrow(
      'events in a row failed for a reason that is not theirs (unknown): what is this',
    )
    expect(letters.letters).toHaveLength(3)
  })
})

describe('a faulty driver', () => {
  it('that reports an event which is not there stops the lane: nothing is acknowledged', async () => {
    const source = new MemorySource(ten)
    const write = async () => ({ failures: [{ index: 999, error: new EdsError('record', 'refused') }] })
    const pipeline = createPipeline({ source, deadLetters: new MemoryLetters(), sinks: [sink(driverOf(write), {})] })
    await expect(pipeline.run()).rejects.toThrow('reported event 999 of a batch of 3 as failed')
    expect(source.acknowledged).toEqual([])
  })

  it('that gives a plain error for an event gets a letter with a code', async () => {
    const letters = new MemoryLetters()
    const write = async () => ({ failures: [{ index: 0, error: new Error('plain') as EdsError }] })
    const sinks = [sink(driverOf(write), {})]
    await createPipeline({ source: new MemorySource(ten.slice(0, 1)), deadLetters: letters, sinks }).run()
    expect(letters.letters).toMatchObject([{ code: 'unknown', reason: 'plain' }])
  })

  it('that never finds its tables stops the lane instead of setting everything aside', async () => {
    const letters = new MemoryLetters()
    const write = async () => {
      throw new EdsError('schema', 'no such table')
    }
    const support = { prepare: async () => [] }
    const sinks = [sink(driverOf(write, { schema: support }), {})]
    const pipeline = createPipeline({ source: new MemorySource(ten), deadLetters: letters, sinks })
    await expect(pipeline.run()).rejects.toThrow('a reason that is not theirs (schema): no such table')
    expect(letters.letters).toHaveLength(3)
  })

  it('that ignores an abort is abandoned in the end, and its events stay unacknowledged', async () => {
    const clock = new ManualClock()
    const source = new LiveSource()
    const end = new AbortController()
    let started = false
    const write = () => {
      started = true
      return new Promise<never>(() => {})
    }
    const pipeline = createPipeline({ source, clock, drainMs: 1000, sinks: [sink(driverOf(write), {})] })
    const run = expect(pipeline.run({ signal: end.signal })).rejects.toThrow('did not end when it was aborted')
    source.push(ten[0]!)
    await until(() => started)
    end.abort()
    await clock.advance(1000)
    await clock.advance(5000)
    await run
    expect(pipeline.lanes[0]?.status().position).toBeUndefined()
  })
})

describe('an operator', () => {
  it('pauses and resumes: nothing is written in between, nothing is lost', async () => {
    const source = new LiveSource()
    const destination = new Destination()
    const pipeline = createPipeline({ source, sinks: [sink(driverOf(destination.write), {})] })
    const end = new AbortController()
    const run = pipeline.run({ signal: end.signal })
    const [lane] = pipeline.lanes
    source.push(ten[0]!)
    await until(() => destination.events.length === 1)
    await lane?.pause()
    expect(lane?.status().state).toBe('paused')
    source.push(ten[1]!)
    await until(() => lane?.status().pendingEvents === 1)
    expect(destination.events).toEqual(['e1'])
    lane?.resume()
    await until(() => destination.events.length === 2)
    end.abort()
    await run
    expect(destination.events).toEqual(['e1', 'e2'])
  })

  it('retries a dead letter after a repair, and skips one to let what is parked behind it through', async () => {
    const letters = new MemoryLetters()
    const source = new LiveSource()
    let repaired = false
    const isBad = (id: string) => id.startsWith('bad') && !repaired
    const destination = new Destination(({ events }) => {
      const bad = events.findIndex(({ id }) => isBad(id))
      if (bad >= 0) throw new EdsError('record', 'refused', { index: bad })
      return undefined
    })
    const pipeline = createPipeline({ source, deadLetters: letters, sinks: [sink(driverOf(destination.write), {})] })
    const end = new AbortController()
    const run = pipeline.run({ signal: end.signal })
    const lane = pipeline.lanes[0]!
    source.push(
      delivery(1, eventText({ id: 'bad1', key: ['r', 'a'] })),
      delivery(2, eventText({ id: 'bad2', key: ['r', 'b'], operation: 'UPDATE', after: { note: 'x' } })),
    )
    source.push(delivery(3, eventText({ id: 'behind2', key: ['r', 'b'], operation: 'UPDATE', after: { name: 'y' } })))
    await until(() => letters.letters.length === 3)
    expect(await lane.retryDeadLetters([letters.letters[0]!.id])).toMatchObject({ applied: 0, failed: 1, skipped: 0 })
    expect(await lane.skipDeadLetters([letters.letters[1]!.id])).toMatchObject({ applied: 1, failed: 0, skipped: 1 })
    repaired = true
    expect(await lane.retryDeadLetters()).toMatchObject({ applied: 1, failed: 0, skipped: 0 })
    end.abort()
    await run
    expect(destination.events).toEqual(['behind2', 'bad1'])
    expect(letters.letters.map(({ status }) => status)).toEqual(['retried', 'skipped', 'retried'])
  })

  it('sees each change of state once', async () => {
    let attempts = 0
    const states: LaneState[] = []
    const destination = new Destination(() => {
      if (++attempts < 5) throw new EdsError('connection', 'refused')
      return undefined
    })
    const metrics = { onState: (_: string, state: LaneState) => states.push(state) }
    await createPipeline({
      source: new MemorySource(ten),
      retry,
      metrics,
      sinks: [sink(driverOf(destination.write), {})],
    }).run()
    expect(states).toEqual(['running', 'retrying', 'running', 'stopped'])
  })
})

describe('several sinks', () => {
  it('go on when one of them fails for good', async () => {
    const good = new Destination()
    const bad = new Destination(() => {
      throw new EdsError('authentication', 'no such user')
    })
    const pipeline = createPipeline({
      source: new MemorySource(ten),
      sinks: [sink(driverOf(bad.write), {}, { name: 'bad' }), sink(driverOf(good.write), {}, { name: 'good' })],
    })
    await expect(pipeline.run()).rejects.toThrow('no such user')
    expect(good.events).toEqual(allIds)
  })
})

describe('a linger', () => {
  it('waits for a fuller batch, but never longer than told', async () => {
    const clock = new ManualClock()
    const source = new LiveSource()
    const destination = new Destination()
    const end = new AbortController()
    const run = createPipeline({
      source,
      clock,
      sinks: [sink(driverOf(destination.write, { traits: { lingerMs: 2000 } }), {})],
    }).run({ signal: end.signal })
    source.push(ten[0]!)
    await until(() => clock.waiting === 1)
    source.push(ten[1]!)
    await clock.advance(1999)
    expect(destination.batches).toEqual([])
    await clock.advance(1)
    await until(() => destination.batches.length === 1)
    expect(destination.batches).toEqual([['e1', 'e2']])
    end.abort()
    await run
  })
})

/** A source that goes on for ever and brings what is pushed. */
class LiveSource implements Source {
  readonly description = 'live'
  #queue: Delivery[] = []
  #wake: (() => void) | undefined
  #closed = false

  push(...deliveries: readonly Delivery[]): void {
    this.#queue.push(...deliveries)
    this.#wake?.()
  }

  async open(): Promise<SourceReader> {
    const source = this
    return {
      async *[Symbol.asyncIterator]() {
        while (!source.#closed) {
          const chunk = source.#queue.splice(0)
          if (chunk.length > 0) yield chunk
          else await new Promise<void>((resolve) => (source.#wake = resolve))
        }
      },
      acknowledge: async () => {},
      close: async () => {
        this.#closed = true
        this.#wake?.()
      },
    }
  }

  async forget(): Promise<void> {}
  async close(): Promise<void> {}
}

class ManualClock implements Clock {
  #now = 0
  #timers: { readonly at: number; readonly resolve: () => void }[] = []

  get waiting(): number {
    return this.#timers.length
  }

  now(): number {
    return this.#now
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      this.#timers.push({ at: this.#now + ms, resolve })
      signal?.addEventListener('abort', () => resolve(), { once: true })
    })
  }

  async advance(ms: number): Promise<void> {
    this.#now += ms
    const due = this.#timers.filter(({ at }) => at <= this.#now)
    this.#timers = this.#timers.filter(({ at }) => at > this.#now)
    for (const { resolve } of due) resolve()
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** Resolves when the condition holds; the test's own time limit ends a wait in vain. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve))
}
