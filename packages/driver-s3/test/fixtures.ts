import {
  type ChangeEvent,
  type DriverContext,
  decodeEvent,
  type EventBatch,
  memoryState,
  padSequence,
  type Row,
  stringifyJson,
  systemClock,
  type TableSchema,
} from '@eds/core'

export const never: AbortSignal = new AbortController().signal

/** 2024-07-11T21:16:51.708Z */
export const someTime = 1_720_732_611_708

let sequence = 0

type Fields = Partial<
  Pick<ChangeEvent, 'operation' | 'table' | 'key' | 'timestamp' | 'modelVersion' | 'before' | 'after' | 'id'>
>

/** An event as the pipeline decodes it, with the next position. */
export function eventOf(fields: Fields = {}, more: { objectPath?: string } = {}): ChangeEvent {
  sequence++
  const wire = {
    operation: 'INSERT',
    id: `change-${sequence}`,
    table: 'order',
    key: ['region', 'row'],
    modelVersion: 'v1',
    timestamp: someTime,
    mvccTimestamp: `${sequence}.0000000000`,
    ...(fields.operation === 'DELETE' ? {} : { after: {} }),
    ...fields,
  }
  const event = eventFrom(stringifyJson(wire) ?? '')
  return more.objectPath === undefined ? event : Object.assign(event, more)
}

/** An event with these very bytes. */
export function eventFrom(text: string): ChangeEvent {
  return decodeEvent({ position: padSequence(sequence), bytes: Buffer.from(text), time: 0 })
}

export function batchOf(...events: readonly ChangeEvent[]): EventBatch {
  const bytes = events.reduce((sum, event) => sum + event.bytes.length, 0)
  return { events, bytes, first: events[0]!.position, last: events.at(-1)!.position }
}

export function schemaOf(properties: TableSchema['properties'], more: Partial<TableSchema> = {}): TableSchema {
  return { table: 'order', modelVersion: 'v1', primaryKeys: ['id'], required: [], properties, ...more }
}

export function insert(row: Row, fields: Fields = {}): ChangeEvent {
  return eventOf({ key: ['region', String(row.id)], after: row, ...fields })
}

export function context(): DriverContext {
  const silent = () => {}
  return {
    sink: 's3',
    session: 'test',
    logger: { debug: silent, info: silent, warn: silent, error: silent },
    clock: systemClock,
    random: Math.random,
    metrics: { count: silent },
    state: memoryState(),
  }
}
