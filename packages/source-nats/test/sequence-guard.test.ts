import { describe, expect, it } from 'vitest'
import { AckSubject } from '../src/ack-subject.js'
import { Outstanding } from '../src/outstanding.js'
import { type Anchor, SequenceGuard } from '../src/sequence-guard.js'

interface Arrival {
  readonly sequence: number
  readonly consumer: number
  readonly time?: number
  readonly deliveries?: number
}

function guardAt(acknowledged: Anchor, proven = true) {
  const outstanding = new Outstanding()
  const guard = new SequenceGuard(outstanding, { acknowledged, nextConsumerSequence: 1, proven })
  const judge = ({ sequence, consumer, time = sequence * 10, deliveries = 1 }: Arrival) => {
    const ack = Object.assign(new AckSubject(), { sequence, consumerSequence: consumer, time, deliveries })
    const verdict = guard.judge(ack, 'reply')
    if (verdict === 'new') outstanding.push(sequence, time, 'reply')
    return verdict
  }
  return { guard, outstanding, judge }
}

describe('a delivery', () => {
  it('is new when it comes next, however far the stream sequence jumps', () => {
    const { guard, judge } = guardAt({ sequence: 5, time: 50 })
    expect(judge({ sequence: 6, consumer: 1 })).toBe('new')
    expect(judge({ sequence: 900, consumer: 2 })).toBe('new')
    expect(guard.received).toBe(900)
    expect(guard.consumerSequence).toBe(2)
  })

  it('shows a loss when the consumer sequence jumps, and stays where it was', () => {
    const { guard, judge } = guardAt({ sequence: 5 })
    expect(judge({ sequence: 6, consumer: 2 })).toBe('lost')
    expect(guard.consumerSequence).toBe(0)
    expect(judge({ sequence: 6, consumer: 1 })).toBe('new')
    expect(judge({ sequence: 7, consumer: 1 })).toBe('lost')
  })

  it('shows a loss when it is a redelivery of what never came', () => {
    const { judge } = guardAt({ sequence: 5 })
    expect(judge({ sequence: 6, consumer: 1, deliveries: 2 })).toBe('lost')
  })

  it('is seen or done when it comes again', () => {
    const { guard, judge } = guardAt({ sequence: 5, time: 50 })
    for (const sequence of [6, 7, 8]) judge({ sequence, consumer: sequence - 5 })
    guard.acknowledge({ sequence: 6, time: 60 })
    expect(judge({ sequence: 6, consumer: 4, deliveries: 2 })).toBe('done')
    expect(judge({ sequence: 7, consumer: 5, deliveries: 2 })).toBe('seen')
    expect(judge({ sequence: 9, consumer: 6 })).toBe('new')
  })

  it('is foreign when an outstanding sequence comes with another time, or was none of ours', () => {
    const { judge } = guardAt({ sequence: 5, time: 50 })
    judge({ sequence: 6, consumer: 1 })
    judge({ sequence: 8, consumer: 2 })
    expect(judge({ sequence: 6, consumer: 3, time: 61 })).toBe('foreign')
    expect(judge({ sequence: 7, consumer: 3 })).toBe('foreign')
  })

  it('is foreign when the anchor comes with another time', () => {
    const { judge } = guardAt({ sequence: 5, time: 50 })
    expect(judge({ sequence: 5, consumer: 1, time: 51 })).toBe('foreign')
    expect(judge({ sequence: 5, consumer: 1, time: 50 })).toBe('done')
  })

  it.each([
    { proven: true, verdict: 'done' },
    { proven: false, verdict: 'foreign' },
  ])('before the anchor but stored after it is $verdict when proven is $proven', ({ proven, verdict }) => {
    const { judge } = guardAt({ sequence: 5, time: 50 }, proven)
    expect(judge({ sequence: 4, consumer: 1, time: 50 })).toBe('done')
    expect(judge({ sequence: 4, consumer: 2, time: 55 })).toBe(verdict)
  })
})

it('after a restart takes again what was not handed on, and knows the rest', () => {
  const { guard, outstanding, judge } = guardAt({ sequence: 0 })
  for (const sequence of [1, 2, 3, 4]) judge({ sequence, consumer: sequence })
  guard.acknowledge({ sequence: 1, time: 10 })
  outstanding.settle(1)
  outstanding.restart(3)
  guard.restart(1, 3, true)
  expect([2, 3, 4].map((sequence, index) => judge({ sequence, consumer: index + 1 }))).toEqual(['seen', 'seen', 'new'])
})

it('never acknowledges backwards', () => {
  const { guard } = guardAt({ sequence: 5, time: 50 })
  guard.acknowledge({ sequence: 4, time: 40 })
  expect(guard.acknowledged).toEqual({ sequence: 5, time: 50 })
})
