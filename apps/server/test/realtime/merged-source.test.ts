import { type Delivery, EdsError, type Source, type SourceReader, type StartAt } from '@eds/core'
import { httpSource } from '@eds/source-http'
import { describe, expect, it } from 'vitest'
import { mergePositions, splitPosition } from '../../src/realtime/merged-position.js'
import { mergeSources } from '../../src/realtime/merged-source.js'
import { eventText } from '../world.js'

const beginning: StartAt = { at: 'beginning' }

function world() {
  const [first, second] = [httpSource({ keepAcknowledged: 100 }), httpSource({ keepAcknowledged: 100 })]
  const source = mergeSources(first, second)
  const open = (after?: string) =>
    source.open({ cursor: 'c', start: beginning, signal: new AbortController().signal, ...(after && { after }) })
  const publish = (to: typeof first, id: number) => to.publish(eventText({ row: { id } }))
  return { first, second, source, open, publish }
}

async function read(reader: SourceReader, count: number): Promise<Delivery[]> {
  const deliveries: Delivery[] = []
  for await (const chunk of reader) {
    deliveries.push(...chunk)
    if (deliveries.length >= count) return deliveries
  }
  return deliveries
}

const idOf = ({ bytes }: Delivery) => JSON.parse(Buffer.from(bytes).toString()).after.id

describe('two sources as one', () => {
  it('deliver the events of both, under positions that rise, each in the order of its source', async () => {
    const { first, second, open, publish } = world()
    const reader = await open()
    for (const id of [1, 2, 3]) await publish(first, id)
    for (const id of [11, 12, 13]) await publish(second, id)
    const deliveries = await read(reader, 6)
    const ids = deliveries.map(idOf)
    expect(ids.filter((id) => id < 10)).toEqual([1, 2, 3])
    expect(ids.filter((id) => id > 10)).toEqual([11, 12, 13])
    const positions = deliveries.map(({ position }) => position)
    expect(positions).toEqual([...positions].sort())
    expect(new Set(positions).size).toBe(6)
    for (const position of positions) expect(position).toMatch(/^[0-9A-Za-z_.]{1,100}$/)
    await reader.close()
  })

  it('go on just after a position, in both', async () => {
    const { first, second, open, publish } = world()
    const reader = await open()
    for (const id of [1, 2, 3]) await publish(first, id)
    for (const id of [11, 12]) await publish(second, id)
    const deliveries = await read(reader, 5)
    await reader.close()
    for (const [index, { position }] of deliveries.entries()) {
      const again = await open(position)
      const rest = deliveries.slice(index + 1).map(idOf)
      if (rest.length > 0) expect((await read(again, rest.length)).map(idOf).sort()).toEqual([...rest].sort())
      await again.close()
    }
  })

  it('acknowledge each at its own source, up to the last that was given', async () => {
    const { first, second, open, publish } = world()
    const reader = await open()
    for (const id of [1, 2]) await publish(first, id)
    await publish(second, 11)
    const deliveries = await read(reader, 3)
    await reader.acknowledge(deliveries[1] as Delivery)
    expect(first.backlog + second.backlog).toBe(1)
    await reader.acknowledge(deliveries[2] as Delivery)
    expect([first.backlog, second.backlog]).toEqual([0, 0])
    await reader.close()
  })

  it('wake a reader that waits for either, and end when they are closed', async () => {
    const { first, second, open, publish } = world()
    const reader = await open()
    const iterator = reader[Symbol.asyncIterator]()
    for (const [to, id] of [[second, 11] as const, [first, 1] as const, [second, 12] as const]) {
      const next = iterator.next()
      await publish(to, id)
      expect((await next).value?.map(idOf)).toEqual([id])
    }
    const last = iterator.next()
    await reader.close()
    expect(await last).toEqual({ done: true, value: undefined })
  })

  it('leave nothing open when one cannot be opened', async () => {
    const { first } = world()
    let closed = 0
    const closing: Source = {
      ...first,
      open: async (request) => ({ ...(await first.open(request)), close: async () => void closed++ }),
    }
    const broken = { ...first, open: () => Promise.reject(new EdsError('connection', 'away')) }
    const request = { cursor: 'c', start: beginning, signal: new AbortController().signal }
    await expect(mergeSources(closing, broken).open(request)).rejects.toThrow('away')
    expect(closed).toBe(1)
  })
})

describe('positions of two sources', () => {
  it.each([
    [{}, ''],
    [{ first: 'a.1_p' }, 'a.1_p'],
    [{ first: 'a.1', second: 'b.2' }, 'a.1..b.2'],
    [{ second: 'b.2' }, '..b.2'],
  ])('%j are %j, and back', (place, position) => {
    expect(mergePositions(place)).toBe(position)
    expect(splitPosition(position)).toEqual(place)
  })

  it('sort as they are delivered', () => {
    const steps = [
      { first: 'a1' },
      { first: 'a1', second: 'b1' },
      { first: 'a1_p', second: 'b1' },
      { first: 'a2', second: 'b1' },
    ]
    const positions = [mergePositions({ second: 'b0' }), ...steps.map(mergePositions)]
    expect(positions).toEqual([...positions].sort())
  })
})
