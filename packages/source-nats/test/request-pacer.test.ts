import { expect, it } from 'vitest'
import { RequestPacer } from '../src/request-pacer.js'

const limits = { maxPullBatch: 100, maxAckPending: 1_000, bufferBytes: 10_000 }
const empty = { heldMessages: 0, heldBytes: 0, outstanding: 0, now: 0 }

it.each([
  { case: 'nothing is held', load: {}, decision: { action: 'request', messages: 100, maxBytes: 10_000 } },
  {
    case: 'the buffer is half full',
    load: { heldMessages: 5, heldBytes: 5_000, outstanding: 5 },
    decision: { action: 'request', messages: 100, maxBytes: 5_000 },
  },
  {
    case: 'it is more than half full',
    load: { heldMessages: 5, heldBytes: 5_001, outstanding: 5 },
    decision: { action: 'wait' },
  },
  {
    case: 'few acknowledgements may be pending',
    load: { outstanding: 970 },
    decision: { action: 'request', messages: 30, maxBytes: 10_000 },
  },
  { case: 'no further acknowledgement may be pending', load: { outstanding: 1_000 }, decision: { action: 'wait' } },
  {
    case: 'a second has passed with messages outstanding',
    load: { outstanding: 1, now: 1_000 },
    decision: { action: 'check' },
  },
  {
    case: 'a second has passed with none outstanding',
    load: { now: 1_000 },
    decision: { action: 'request', messages: 100, maxBytes: 10_000 },
  },
])('when $case: $decision.action', ({ load, decision }) => {
  expect(new RequestPacer(limits, 0).decide({ ...empty, ...load })).toEqual(decision)
})

it('asks after the check', () => {
  const pacer = new RequestPacer(limits, 0)
  pacer.checked(1_500)
  expect(pacer.decide({ ...empty, outstanding: 1, now: 2_400 }).action).toBe('request')
})

it('asks for a single message of any size when the next one does not fit, once nothing else is held', () => {
  const pacer = new RequestPacer(limits, 0)
  pacer.decide(empty)
  pacer.tooLarge()
  expect(pacer.decide({ ...empty, heldMessages: 1, heldBytes: 1 })).toEqual({ action: 'wait' })
  expect(pacer.decide(empty)).toEqual({ action: 'request', messages: 1 })
  expect(pacer.decide(empty)).toEqual({ action: 'request', messages: 100, maxBytes: 10_000 })
})

it('asks as before when a request was merely used up', () => {
  const pacer = new RequestPacer(limits, 0)
  pacer.decide(empty)
  pacer.delivered()
  pacer.tooLarge()
  expect(pacer.decide(empty)).toEqual({ action: 'request', messages: 100, maxBytes: 10_000 })
})
