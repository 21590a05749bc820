import { type ChangeEvent, decodeEvent, padSequence } from '@eds/core'

/** A change event from its JSON members; what is not given has a plain value. */
export function eventOf(members: Readonly<Record<string, unknown>> = {}, sequence = 1): ChangeEvent {
  const whole = {
    operation: 'INSERT',
    id: `event-${sequence}`,
    table: 'orders',
    key: ['shop', '1'],
    modelVersion: 'v1',
    timestamp: 1_700_000_000_000,
    mvccTimestamp: `${1_700_000_000_000 + sequence}000000.0000000000`,
    ...members,
  }
  return decodeEvent({ position: padSequence(sequence), bytes: Buffer.from(JSON.stringify(whole)), time: 0 })
}
