import { isEdsError } from '@eds/core'
import { describe, expect, it } from 'vitest'
import { type EncodeOptions, encodeBatch } from '../src/encode.js'
import { loadPartitionHash } from '../src/partition.js'
import { splitRequests } from '../src/requests.js'
import { eventOf } from './fixtures/events.js'

const hashOf = await loadPartitionHash()
const options: EncodeOptions = { topic: 't', tombstones: false, maxMessageBytes: 2_000, compression: 'none' }
const owner = { companyId: 'c', locationId: 'l' }
const encode = (events: Parameters<typeof encodeBatch>[0], more: Partial<EncodeOptions> = {}) =>
  encodeBatch(events, { ...options, ...more }, hashOf)

describe('a message', () => {
  it('has the key, the header and the partition that the EDS server gave it, and the bytes as they are', () => {
    const event = eventOf({ id: 'e1', operation: 'UPDATE', key: ['region', 'r1'], ...owner })
    const [record] = encode([event]).topics.get('t') ?? []
    expect(record?.key).toBe('dbchange.order.UPDATE.c.l.e1')
    expect(record?.headers).toEqual({ 'eds-partitionkey': 'order.c.l.r1' })
    expect(record?.hash).toBe(hashOf('order.c.l.r1'))
    expect(record?.value?.equals(event.bytes)).toBe(true)
  })

  it('names nobody where there is no company or location', () => {
    const [record] = encode([eventOf({ id: 'e1', key: ['region', 'r1'] })]).topics.get('t') ?? []
    expect(record?.key).toBe('dbchange.order.INSERT.NONE.NONE.e1')
    expect(record?.headers['eds-partitionkey']).toBe('order.NONE.NONE.r1')
  })

  it('goes to the topic of its table', () => {
    const { topics } = encode([eventOf({ table: 'a' }), eventOf({ table: 'b' })], { topic: 'eds.{table}' })
    expect([...topics.keys()]).toEqual(['eds.a', 'eds.b'])
  })
})

describe('tombstones', () => {
  it('have the row for a key, and no value on DELETE', () => {
    const events = [eventOf({ key: ['region', 'r1'] }), eventOf({ key: ['region', 'r1'], operation: 'DELETE' })]
    const records = encode(events, { tombstones: true }).topics.get('t') ?? []
    expect(records.map(({ key }) => key)).toEqual(['order.NONE.NONE.r1', 'order.NONE.NONE.r1'])
    expect(records.map(({ value }) => value === null)).toEqual([false, true])
  })

  it('never let rows replace each other whose keys end alike', () => {
    const events = [eventOf({ key: ['region', 'a', 'x'] }), eventOf({ key: ['region', 'b', 'x'] })]
    const records = encode(events, { tombstones: true }).topics.get('t') ?? []
    expect(new Set(records.map(({ key }) => key)).size).toBe(2)
  })
})

describe('an event that cannot be sent', () => {
  const large = eventOf({ key: ['region', 'r2'], filler: 'x'.repeat(2_000) })

  it('fails by itself when it is too large', () => {
    const { topics, failures } = encode([eventOf(), large, eventOf()])
    expect(failures).toMatchObject([{ index: 1, error: { code: 'record' } }])
    expect(topics.get('t')).toHaveLength(2)
  })

  it('is left to the broker when it is compressed', () => {
    expect(encode([large], { compression: 'gzip' }).failures).toEqual([])
  })

  it.each(['a b', 'ä', 'x/y', 'x'.repeat(250)])('fails when its table %j is no name of a topic', (table) => {
    const { failures } = encode([eventOf({ table, filler: '' })], { topic: '{table}', maxMessageBytes: 10_000 })
    expect(failures).toMatchObject([{ index: 0, error: { code: 'record' } }])
  })

  it('is not overtaken by a later change of its row', () => {
    const attempt = () => encode([eventOf(), large, eventOf({ key: ['region', 'r2'] })])
    expect(attempt).toThrow(
      expect.toSatisfy((error) => isEdsError(error) && error.code === 'record' && error.index === 1),
    )
  })
})

describe('requests', () => {
  const events = Array.from({ length: 40 }, (_, index) =>
    eventOf({ key: ['region', `r${index}`], filler: 'x'.repeat(index * 20) }),
  )
  const { topics } = encode(events)
  const records = topics.get('t') ?? []

  it.each([1, 3, 64])('hold no more for any of %i partitions than the limit, and keep the order', (partitions) => {
    const requests = [...splitRequests(topics, 2_000, () => partitions)].map((request) => request.get('t') ?? [])
    expect(requests.flat()).toEqual(records)
    for (const request of requests) {
      const sums = new Map<number, number>()
      for (const { hash, maxBytes } of request) {
        sums.set(hash % partitions, (sums.get(hash % partitions) ?? 61) + maxBytes)
      }
      expect(Math.max(...sums.values())).toBeLessThanOrEqual(2_000)
    }
  })

  it('are one where everything fits', () => {
    expect([...splitRequests(topics, 10 ** 6, () => 1)]).toHaveLength(1)
  })

  it('hold a record that is too large by itself', () => {
    expect([...splitRequests(topics, 100, () => 1)]).toHaveLength(records.length)
  })
})
