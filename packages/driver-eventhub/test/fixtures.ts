import { type ChangeEvent, decodeEvent, type EventBatch, padSequence } from '@eds/core'

/** A change event as the pipeline would give it to the driver. */
export function event(number: number, fields: object = {}): ChangeEvent {
  const text = JSON.stringify({
    operation: 'UPDATE',
    id: `change-${number}`,
    table: 'order',
    key: ['region', 'row'],
    modelVersion: '1',
    timestamp: 1_720_732_611_708,
    mvccTimestamp: `${1_720_732_611_708_587_000 + number}.0000000000`,
    companyId: 'event-company',
    after: { id: 'row', companyId: 'c1', locationId: 'l1' },
    ...fields,
  })
  return decodeEvent({ position: padSequence(number), bytes: Buffer.from(text), time: 0 })
}

export function batchOf(events: readonly ChangeEvent[]): EventBatch {
  const bytes = events.reduce((sum, event) => sum + event.bytes.length, 0)
  return { events, bytes, first: events[0]!.position, last: events.at(-1)!.position }
}
