import { createHash } from 'node:crypto'
import { type ChangeEvent, changeNameOf, keyText, messageKeyOf, partitionKeyOf, type RowOwner } from '@eds/core'

/** What the vendor's client takes as an event. */
export interface HubEvent {
  /** The event's bytes as they came; a Buffer or Uint8Array goes out as one AMQP data section. */
  readonly body: Uint8Array
  readonly contentType: 'application/json'
  readonly messageId: string
  readonly properties: { readonly objectId: string }
}

/** Events that have to be sent one after the other: all of one row, and all of one partition key, are in one of these. */
export interface SendUnit {
  readonly runs: readonly SendRun[]
}

/** Consecutive events of a unit with the same partition key, as indexes into the batch. */
export interface SendRun {
  readonly partitionKey: string
  readonly indexes: number[]
}

/** Event Hubs refuses longer partition keys; its client refuses longer message ids. */
const maxKeyLength = 128
const digestLength = 32

export function encodeEvent(event: ChangeEvent): HubEvent {
  return {
    body: event.bytes,
    contentType: 'application/json',
    messageId: shortenKey(event.id),
    properties: { objectId: changeNameOf(event, messageKeyOf(event), rowOwnerOf(event)) },
  }
}

/** The partition key of the event's row, at most 128 characters long. */
export function hubPartitionKeyOf(event: ChangeEvent): string {
  return shortenKey(partitionKeyOf(event, rowOwnerOf(event)))
}

/**
 * Company and location as the row names them. A DELETE has only the row before, and a partial UPDATE may name them only there, so
 * that all changes of a row share a partition.
 */
export function rowOwnerOf({ before, after }: Pick<ChangeEvent, 'before' | 'after'>): RowOwner {
  const column = (name: 'companyId' | 'locationId'): RowOwner => {
    const value = keyText((after !== undefined && Object.hasOwn(after, name) ? after : before)?.[name])
    return value === undefined ? {} : { [name]: value }
  }
  return { ...column('companyId'), ...column('locationId') }
}

/** Keys above 128 characters become their first 95, `~`, and 32 hexadecimal digits of the SHA-256 of the whole. */
export function shortenKey(key: string): string {
  if (key.length <= maxKeyLength) return key
  const digest = createHash('sha256').update(key).digest('hex').slice(0, digestLength)
  // A cut through a surrogate pair would leave half a character, which no encoding can hold.
  const start = key.slice(0, maxKeyLength - digestLength - 1).replace(/[\ud800-\udbff]$/, '')
  return `${start}~${digest}`
}

/**
 * Divides a batch into units that may be sent side by side. Table and last key element are part of every partition key and the same
 * for all events of a row, so they keep both together, even where a row moves from one company to another.
 */
export function planSends(events: readonly ChangeEvent[]): SendUnit[] {
  const units = new Map<string, { runs: SendRun[] }>()
  for (const [index, event] of events.entries()) {
    const name = `${event.table}\u0000${messageKeyOf(event)}`
    const unit = units.get(name) ?? { runs: [] }
    if (unit.runs.length === 0) units.set(name, unit)
    const partitionKey = hubPartitionKeyOf(event)
    const last = unit.runs.at(-1)
    if (last?.partitionKey === partitionKey) last.indexes.push(index)
    else unit.runs.push({ partitionKey, indexes: [index] })
  }
  return [...units.values()]
}
