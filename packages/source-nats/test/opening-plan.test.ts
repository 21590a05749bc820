import { describe, expect, it } from 'vitest'
import { type ConsumerInfo, parseConsumerInfo } from '../src/consumer-info.js'
import { planOpening } from '../src/opening-plan.js'

const start = { at: 'resume' } as const
const nothing = { info: undefined, after: undefined, note: undefined, start }
const after = { sequence: 40, time: 400 }

function consumer(state: { floor: number; acknowledged?: number; outstanding?: number }): ConsumerInfo {
  return parseConsumerInfo({
    name: 'sink',
    created: '2026-01-01T00:00:00Z',
    config: { ack_policy: 'all' },
    delivered: { consumer_seq: 0, stream_seq: state.floor + (state.outstanding ?? 0) },
    ack_floor: { consumer_seq: state.acknowledged ?? 0, stream_seq: state.floor },
    num_ack_pending: state.outstanding ?? 0,
    num_waiting: 0,
    num_pending: 0,
  })
}

describe('without a position', () => {
  it.each([
    { at: start, plan: { from: 'beginning' } },
    { at: { at: 'beginning' } as const, plan: { from: 'beginning' } },
    { at: { at: 'now' } as const, plan: { from: 'now' } },
    { at: { at: 'time', time: 7 } as const, plan: { from: 'time', time: 7 } },
  ])('creates a consumer that starts as $at asks', ({ at, plan }) => {
    expect(planOpening({ ...nothing, start: at })).toEqual({ action: 'create', start: plan })
  })

  it('goes on with a consumer that has nothing outstanding', () => {
    expect(planOpening({ ...nothing, info: consumer({ floor: 40 }) })).toEqual({
      action: 'continue',
      anchor: { sequence: 40 },
    })
  })

  it('makes a consumer with outstanding messages anew after its floor', () => {
    const info = consumer({ floor: 40, outstanding: 3 })
    expect(planOpening({ ...nothing, info })).toEqual({ action: 'restart', anchor: { sequence: 40 } })
  })
})

describe('with a position', () => {
  it.each([
    { case: 'there is no consumer', info: undefined },
    { case: 'messages are outstanding', info: consumer({ floor: 40, outstanding: 1 }) },
    { case: 'the consumer is behind', info: consumer({ floor: 39 }) },
    { case: 'the consumer is ahead', info: consumer({ floor: 41 }) },
  ])('makes the consumer anew when $case', ({ info }) => {
    expect(planOpening({ ...nothing, info, after })).toEqual({ action: 'restart', anchor: after })
  })

  it('goes on with a consumer that stands exactly there', () => {
    expect(planOpening({ ...nothing, info: consumer({ floor: 40 }), after })).toEqual({
      action: 'continue',
      anchor: after,
    })
  })
})

describe('with the note of a restart that was cut short', () => {
  const note = { sequence: 40, time: 400 }

  it.each([
    { case: 'there is no consumer', info: undefined },
    { case: 'the consumer is half made', info: consumer({ floor: 39 }) },
    { case: 'the consumer begins after the note', info: consumer({ floor: 90 }) },
  ])('restarts when $case', ({ info }) => {
    expect(planOpening({ ...nothing, info, note })).toEqual({ action: 'restart', anchor: note })
  })

  it('does not go back behind what was acknowledged since', () => {
    const info = consumer({ floor: 90, acknowledged: 50 })
    expect(planOpening({ ...nothing, info, note })).toEqual({ action: 'continue', anchor: { sequence: 90 } })
  })

  it('heeds the position rather than the note', () => {
    const newer = { sequence: 60, time: 600 }
    expect(planOpening({ ...nothing, note, after: newer })).toEqual({ action: 'restart', anchor: newer })
  })
})
