import { describe, expect, it } from 'vitest'
import { createPipeline, EdsError, memoryState, sink, staticRegistry, type TableSchema } from '../../src/index.js'
import { Destination, delivery, driverOf, eventText, MemoryLetters, MemorySource } from './memory-world.js'

const ten = Array.from({ length: 10 }, (_, index) => delivery(index + 1, eventText({ id: `e${index + 1}` })))
const allIds = ten.map((_, index) => `e${index + 1}`)

const retry = { baseMs: 1, maxMs: 2 }

describe('a lane', () => {
  it('delivers everything in order, then acknowledges the last position', async () => {
    const destination = new Destination()
    const source = new MemorySource(ten)
    await createPipeline({ source, sinks: [sink(driverOf(destination.write), {})] }).run()
    expect(destination.events).toEqual(allIds)
    expect(source.acknowledged.at(-1)).toBe(ten.at(-1)?.position)
    expect(source.closed).toBe(true)
  })

  it('resumes after its own durable position, whatever the source remembers', async () => {
    const state = memoryState()
    const first = new Destination()
    await createPipeline({
      source: new MemorySource(ten.slice(0, 6)),
      state,
      sinks: [sink(driverOf(first.write), {})],
    }).run()
    const second = new Destination()
    const source = new MemorySource(ten)
    await createPipeline({ source, state, sinks: [sink(driverOf(second.write), {})] }).run()
    expect(source.opened).toEqual([ten[5]?.position])
    expect(second.events).toEqual(allIds.slice(6))
  })

  it('retries a connection error until it works, in order', async () => {
    let attempts = 0
    const destination = new Destination(() => {
      if (++attempts % 3 !== 0) throw new EdsError('connection', 'refused')
      return undefined
    })
    await createPipeline({ source: new MemorySource(ten), retry, sinks: [sink(driverOf(destination.write), {})] }).run()
    expect(destination.events).toEqual(allIds)
  })

  it('finds a poison event by halving when the driver cannot name it', async () => {
    const letters = new MemoryLetters()
    const destination = new Destination(({ events }) => {
      if (events.some(({ id }) => id === 'e3' || id === 'e8')) throw new EdsError('record', 'value refused')
      return undefined
    })
    const pipeline = createPipeline({
      source: new MemorySource(ten),
      deadLetters: letters,
      retry,
      sinks: [sink(driverOf(destination.write), {})],
    })
    await pipeline.run()
    expect(destination.events).toEqual(allIds.filter((id) => id !== 'e3' && id !== 'e8'))
    expect(letters.letters.map(({ id, status, reason }) => [id, status, reason])).toEqual([
      [ten[2]?.position, 'open', 'value refused'],
      [ten[7]?.position, 'open', 'value refused'],
    ])
    expect(pipeline.lanes[0]?.status().deadLetters).toBe(2)
  })

  it('stops in front of a poison event when told to halt, and says where', async () => {
    const destination = new Destination(({ events }) => {
      const index = events.findIndex(({ id }) => id === 'e5')
      if (index >= 0) throw new EdsError('record', 'value refused', { index })
      return undefined
    })
    const pipeline = createPipeline({
      source: new MemorySource(ten),
      deadLetters: new MemoryLetters(),
      onError: 'halt',
      sinks: [sink(driverOf(destination.write), {})],
    })
    await expect(pipeline.run()).rejects.toThrow(`stopped in front of event ${ten[4]?.position}`)
    expect(destination.events).toEqual(allIds.slice(0, 4))
    expect(pipeline.lanes[0]?.status()).toMatchObject({ state: 'stopped', error: { code: 'record' } })
  })

  it('sets undecodable messages aside with the reason and goes on', async () => {
    const letters = new MemoryLetters()
    const bad = [
      delivery(1, 'nonsense'),
      delivery(2, '{"a":1}'),
      delivery(3, eventText({ id: 'good' })),
      delivery(4, eventText({ id: 'x', operation: 'UPSERT' })),
    ]
    const destination = new Destination()
    await createPipeline({
      source: new MemorySource(bad),
      deadLetters: letters,
      sinks: [sink(driverOf(destination.write), {})],
    }).run()
    expect(destination.events).toEqual(['good'])
    expect(letters.letters.map(({ reason }) => reason)).toEqual([
      expect.stringContaining('not JSON'),
      expect.stringContaining('"operation" must be'),
      expect.stringContaining('"operation" must be INSERT, UPDATE or DELETE'),
    ])
    expect(letters.letters[2]).toMatchObject({ table: 'order', rowKey: 'order\u0000x' })
  })

  it('parks a partial update behind a dead letter of its row, and a full image supersedes both', async () => {
    const letters = new MemoryLetters()
    const row = { key: ['r', 'a'], id: 'c' }
    const history = [
      delivery(1, eventText({ ...row, id: 'bad' })),
      delivery(
        2,
        eventText({ ...row, id: 'partial', operation: 'UPDATE', before: { id: 'a', name: 'x' }, after: { id: 'a' } }),
      ),
      delivery(3, eventText({ id: 'other', key: ['r', 'b'] })),
    ]
    const destination = new Destination(({ events }) => {
      const failures = events.flatMap(({ id }, index) =>
        id === 'bad' ? [{ index, error: new EdsError('record', 'refused') }] : [],
      )
      // The contract: nothing of a row is applied after a failed event of that row.
      const isCut = failures.length > 0
      for (const [index, { id }] of events.entries()) {
        if (isCut && id === 'partial') failures.push({ index, error: new EdsError('record', 'follows') })
      }
      return { failures }
    })
    const state = memoryState()
    const sinks = [sink(driverOf(destination.write), {})]
    await createPipeline({ source: new MemorySource(history), state, deadLetters: letters, sinks }).run()
    expect(destination.events).toEqual(['other'])
    expect(letters.letters.map(({ status }) => status)).toEqual(['open', 'parked'])

    const more = [
      ...history,
      delivery(4, eventText({ ...row, id: 'full' })),
      delivery(5, eventText({ ...row, id: 'partial2', operation: 'UPDATE', after: { id: 'a' } })),
    ]
    await createPipeline({ source: new MemorySource(more), state, deadLetters: letters, sinks }).run()
    expect(destination.events).toEqual(['other', 'full', 'partial2'])
    expect(letters.letters.map(({ status }) => status)).toEqual(['superseded', 'superseded'])
  })

  it('keeps order when a write fails while the next one is open', async () => {
    let open = 0
    let most = 0
    let failed = false
    const applied: string[] = []
    let previous: Promise<unknown> = Promise.resolve()
    const write = (batch: { readonly events: readonly { readonly id: string }[] }) => {
      most = Math.max(most, ++open)
      const before = previous
      const mine = (async () => {
        await before
        await new Promise((resolve) => setImmediate(resolve))
        if (!failed && batch.events.some(({ id }) => id === 'e5')) {
          failed = true
          throw new EdsError('connection', 'cut')
        }
        applied.push(...batch.events.map(({ id }) => id))
        return {}
      })().finally(() => open--)
      previous = mine.catch((error: unknown) => {
        previous = Promise.resolve()
        throw error
      })
      previous.catch(() => {})
      return mine
    }
    await createPipeline({
      source: new MemorySource(ten, 10),
      retry,
      sinks: [sink(driverOf(write, { traits: { maxInFlight: 2, maxBatchEvents: 2 } }), {})],
    }).run()
    expect(applied).toEqual(allIds)
    expect(most).toBe(2)
  })
})

describe('a registry of a sink of its own', () => {
  it('is asked in place of that of the pipeline', async () => {
    const prepared: string[][] = []
    const schemaOf = (column: string): TableSchema => ({
      table: 'order',
      modelVersion: '*',
      primaryKeys: ['id'],
      required: [],
      properties: { id: { type: 'string' }, [column]: { type: 'string' } },
    })
    const driver = driverOf(new Destination().write, {
      schema: {
        prepare: async (schemas) => {
          prepared.push(schemas.flatMap(({ properties }) => Object.keys(properties)))
          return []
        },
      },
    })
    await createPipeline({
      source: new MemorySource(ten),
      retry,
      registry: staticRegistry([schemaOf('common')]),
      sinks: [
        sink(driver, {}, { name: 'own', registry: staticRegistry([schemaOf('own')]) }),
        sink(driver, {}, { name: 'plain' }),
      ],
    }).run()
    expect(prepared.sort()).toEqual([
      ['id', 'common'],
      ['id', 'own'],
    ])
  })
})
