import { describe, expect, it } from 'vitest'
import { type ConsumerWishes, newConsumer, restartedConsumer, updatedConsumer } from '../src/consumer-config.js'
import { parseConsumerInfo } from '../src/consumer-info.js'

const wishes: ConsumerWishes = {
  isShared: false,
  ackPolicy: 'all',
  filterSubjects: ['a.>'],
  ackWaitMs: 300_000,
  maxAckPending: 25_000,
  maxPullBatch: 4_096,
  inactiveThresholdMs: 0,
}
const shared: ConsumerWishes = { ...wishes, isShared: true, ackPolicy: 'explicit', inactiveThresholdMs: 1_000 }

describe('newConsumer', () => {
  it('asks for no more than a single pull where the old server reads too', () => {
    expect(newConsumer('eds-1', shared, { from: 'now' })).toMatchObject({
      max_waiting: 1,
      max_batch: 4_096,
      inactive_threshold: 1e9,
    })
    const own = newConsumer('sink', wishes, { from: 'now' })
    expect(own).not.toHaveProperty('max_waiting')
    expect(own).not.toHaveProperty('inactive_threshold')
  })

  it.each([
    { start: { from: 'beginning' } as const, fields: { deliver_policy: 'all' } },
    { start: { from: 'now' } as const, fields: { deliver_policy: 'new' } },
    {
      start: { from: 'sequence', sequence: 0 } as const,
      fields: { deliver_policy: 'by_start_sequence', opt_start_seq: 1 },
    },
    {
      start: { from: 'time', time: 1_720_732_611_708 } as const,
      fields: { deliver_policy: 'by_start_time', opt_start_time: '2024-07-11T21:16:51.708Z' },
    },
  ])('starts as $fields', ({ start, fields }) => {
    expect(newConsumer('sink', wishes, start)).toMatchObject(fields)
  })

  it.each([
    { filterSubjects: [], fields: {} },
    { filterSubjects: ['a.>'], fields: { filter_subject: 'a.>' } },
    { filterSubjects: ['a.>', 'b.>'], fields: { filter_subjects: ['a.>', 'b.>'] } },
  ])('filters by $filterSubjects', ({ filterSubjects, fields }) => {
    const { filter_subject, filter_subjects } = newConsumer('sink', { ...wishes, filterSubjects }, { from: 'now' })
    expect({
      ...(filter_subject !== undefined && { filter_subject }),
      ...(filter_subjects !== undefined && { filter_subjects }),
    }).toEqual(fields)
  })
})

describe('restartedConsumer', () => {
  const former = {
    durable_name: 'eds-1',
    ack_wait: 5,
    max_deliver: 20,
    max_waiting: 1,
    opt_start_seq: 9,
    opt_start_time: 'then',
    filter_subjects: ['old.>'],
    metadata: { mine: 'x', '_nats.ver': '2.11' },
  }

  it('keeps what a shared consumer was set to, except its start, filters and limit', () => {
    expect(restartedConsumer('eds-1', shared, { from: 'sequence', sequence: 3 }, former)).toEqual({
      durable_name: 'eds-1',
      ack_wait: 5,
      max_deliver: -1,
      max_waiting: 1,
      deliver_policy: 'by_start_sequence',
      opt_start_seq: 3,
      filter_subject: 'a.>',
      metadata: { mine: 'x' },
    })
  })

  it('takes the present settings for a consumer of its own', () => {
    const start = { from: 'sequence', sequence: 3 } as const
    expect(restartedConsumer('sink', wishes, start, former)).toEqual(newConsumer('sink', wishes, start))
  })
})

describe('updatedConsumer', () => {
  const info = (config: object) =>
    parseConsumerInfo({
      name: 'eds-1',
      created: '2026-01-01T00:00:00Z',
      config: { ack_policy: 'explicit', ...config },
      delivered: { consumer_seq: 0, stream_seq: 0 },
      ack_floor: { consumer_seq: 0, stream_seq: 0 },
      num_ack_pending: 0,
      num_pending: 0,
    })

  it.each([
    { max_deliver: -1, filter_subjects: ['b.>', 'a.>'] },
    { max_deliver: 0, filter_subjects: ['a.>', 'b.>'] },
  ])('leaves %j alone', (config) => {
    expect(updatedConsumer(info(config), ['a.>', 'b.>'])).toBeUndefined()
  })

  it.each([
    { case: 'the limit', config: { max_deliver: 20, filter_subject: 'a.>' } },
    { case: 'the filter', config: { max_deliver: -1, filter_subject: 'b.>' } },
    { case: 'missing filters', config: { max_deliver: -1 } },
  ])('corrects $case and nothing else', ({ config }) => {
    expect(updatedConsumer(info({ ...config, ack_wait: 5 }), ['a.>'])).toEqual({
      ack_policy: 'explicit',
      ack_wait: 5,
      max_deliver: -1,
      filter_subject: 'a.>',
    })
  })
})
