import type { LaneStatus } from '@eds/core'
import { describe, expect, it } from 'vitest'
import { createMetrics } from '../src/metrics/metrics.js'
import { lane } from './host/lane.js'

async function figures(lanes: readonly LaneStatus[], feed?: (metrics: ReturnType<typeof createMetrics>) => void) {
  const metrics = createMetrics(
    () => lanes,
    () => 100_000,
  )
  feed?.(metrics)
  const text = await metrics.render()
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]),
  )
}

describe('the figures of all sinks together', () => {
  it('count batches as they become durable', async () => {
    const found = await figures([], ({ pipeline }) => {
      pipeline.onBatch?.('a', { events: 300, bytes: 1, writeMs: 30, processingMs: 1_500 })
      pipeline.onBatch?.('b', { events: 7, bytes: 1, writeMs: 300, processingMs: 4_000 })
      pipeline.onDriver?.('b', 'rows', 12)
    })
    expect(found.get('eds_total_events')).toBe(307)
    expect(found.get('eds_flush_count_sum')).toBe(307)
    expect(found.get('eds_flush_count_bucket{le="10"}')).toBe(1)
    expect(found.get('eds_flush_count_bucket{le="500"}')).toBe(2)
    expect(found.get('eds_flush_duration_seconds_sum')).toBeCloseTo(0.33)
    expect(found.get('eds_flush_duration_seconds_bucket{le="0.05"}')).toBe(1)
    expect(found.get('eds_processing_duration_seconds_sum')).toBeCloseTo(5.5)
    expect(found.get('eds_processing_duration_seconds_bucket{le="2"}')).toBe(1)
    expect(found.get('eds_driver_count_total{sink="b",name="rows"}')).toBe(12)
  })

  it('have the agreed buckets', async () => {
    const found = await figures([])
    const buckets = (name: string) =>
      [...found.keys()].flatMap((key) => new RegExp(`^${name}_bucket\\{le="(.+)"\\}$`).exec(key)?.[1] ?? [])
    expect(buckets('eds_flush_duration_seconds').join(' ')).toBe('0.005 0.01 0.025 0.05 0.1 0.25 0.5 1 2.5 5 10 +Inf')
    expect(buckets('eds_flush_count').join(' ')).toBe('1 10 25 50 100 250 500 1000 2500 5000 10000 +Inf')
    expect(buckets('eds_processing_duration_seconds').join(' ')).toBe('1 2 3 5 10 60 300 600 1800 3600 +Inf')
  })

  it('sum up what is pending', async () => {
    const found = await figures([lane({ pendingEvents: 40 }), lane({ sink: 'b', pendingEvents: 2 })])
    expect(found.get('eds_pending_events')).toBe(42)
  })
})

describe('the figures of each sink', () => {
  it('show what is the matter with it', async () => {
    const found = await figures([
      lane({
        sink: 'a',
        state: 'retrying',
        pendingEvents: 5,
        behindEvents: 95,
        oldestPendingTime: 88_000,
        retries: 3,
        deadLetters: 2,
        totalEvents: 1_000,
      }),
      lane({ sink: 'b' }),
    ])
    expect(Object.fromEntries([...found].filter(([key]) => key.startsWith('eds_sink') && key.includes('"a"')))).toEqual(
      {
        'eds_sink_events_behind{sink="a"}': 100,
        'eds_sink_oldest_pending_seconds{sink="a"}': 12,
        'eds_sink_dead_letters{sink="a"}': 2,
        'eds_sink_events_total{sink="a"}': 1_000,
        'eds_sink_retries_total{sink="a"}': 3,
        'eds_sink_state{sink="a",state="retrying"}': 1,
      },
    )
    expect(found.get('eds_sink_events_behind{sink="b"}')).toBe(0)
    expect(found.get('eds_sink_state{sink="b",state="running"}')).toBe(1)
  })

  it('follow the sink from one reading to the next', async () => {
    let status = lane({ totalEvents: 10, state: 'connecting' })
    const metrics = createMetrics(
      () => [status],
      () => 0,
    )
    await metrics.render()
    status = lane({ totalEvents: 25 })
    const text = await metrics.render()
    expect(text).toContain('eds_sink_events_total{sink="orders"} 25\n')
    expect(text).toContain('eds_sink_state{sink="orders",state="running"} 1\n')
    expect(text).not.toContain('state="connecting"')
  })
})
