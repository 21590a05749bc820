import type { ChangeEvent } from '@eds/core'
import { describe, expect, it } from 'vitest'
import { maxMessageBytes, messageBytes } from '../src/encode.js'
import { planRequests } from '../src/plan.js'
import { eventOf } from './events.js'

const topic = 'projects/p/topics/t'
const rows = (count: number, keys: number): ChangeEvent[] =>
  Array.from({ length: count }, (_, index) => eventOf({ key: ['r', `o${index % keys}`] }, index + 1))
const sized = (bytes: number, sequence: number) => eventOf({ after: { id: 'o1', text: 'x'.repeat(bytes) } }, sequence)

describe('plan', () => {
  it.each([
    [1, 1],
    [1_000, 1],
    [1_001, 2],
    [4_000, 4],
    [9_000, 4],
  ])('%i events go out in %i lanes', (count, lanes) => {
    expect(planRequests(rows(count, count), topic, { ordering: true }).lanes).toHaveLength(lanes)
  })

  it.each([true, false])('keeps every event, and those of a row in order in one lane (ordering: %s)', (ordering) => {
    const events = rows(4_000, 37)
    const { lanes, failures } = planRequests(events, topic, { ordering })
    expect(failures).toEqual([])
    expect(lanes.flat(2)).toHaveLength(4_000)
    const laneOfRow = new Map<string, number>()
    for (const [lane, requests] of lanes.entries()) {
      const ids = requests.flat().map(({ attributes }) => Number(attributes.id?.slice('event-'.length)))
      expect(ids).toEqual([...ids].sort((left, right) => left - right))
      for (const id of ids) {
        const row = events[id - 1]!.rowKey
        expect(laneOfRow.get(row) ?? lane).toBe(lane)
        laneOfRow.set(row, lane)
      }
    }
  })

  it('never puts more than 1,000 messages into a request', () => {
    const { lanes } = planRequests(rows(2_500, 1), topic, { ordering: true })
    expect(lanes.map((requests) => requests.map(({ length }) => length))).toEqual([[1_000, 1_000, 500]])
  })

  it('never makes a request larger than 10 MB', () => {
    const { lanes } = planRequests(
      [1, 2, 3, 4].map((sequence) => sized(3_400_000, sequence)),
      topic,
      { ordering: true },
    )
    expect(lanes.map((requests) => requests.map(({ length }) => length))).toEqual([[2, 2]])
  })

  it('takes a message of exactly the limit, and refuses one byte more', () => {
    const room = maxMessageBytes(topic) - messageBytes({ data: new Uint8Array(), attributes: {} })
    const overhead = (event: ChangeEvent) => maxMessageBytes(topic) - room + (event.bytes.length - 9_000_000)
    expect(overhead(sized(9_000_000, 1))).toBeGreaterThan(0)
    const fits = planRequests([sized(9_000_000, 1)], topic, { ordering: true })
    expect(fits.failures).toEqual([])
    const { failures, lanes } = planRequests([sized(10, 1), sized(10_000_000, 2), sized(10, 3)], topic, {
      ordering: true,
    })
    expect(failures).toMatchObject([{ index: 1, error: { code: 'record' } }])
    expect(lanes.flat(2).map(({ attributes }) => attributes.id)).toEqual(['event-1', 'event-3'])
  })
})
