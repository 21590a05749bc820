import type { ChangeEvent } from './event.js'
import { type Keyed, keyText } from './key.js'

/** Whose row it is, as subjects, message keys and partition keys name it. */
export type RowOwner = Pick<ChangeEvent, 'companyId' | 'locationId'>

/**
 * The row's primary key as one text, as destinations of messages and objects name it: the last element of the event's key, or the
 * row's `id` when the key is empty. For a key of several columns that is the last of them only, which is what the EDS server used;
 * tell rows apart with `rowKeyOf`.
 */
export function messageKeyOf({ key, before, after }: Keyed): string {
  return key.at(-1) ?? keyText((after ?? before)?.id) ?? ''
}

/**
 * `<table>.<companyId|NONE>.<locationId|NONE>.<primary key>`: events with the same partition key have to stay in order. The owner
 * is the event's, or another that the destination's convention asks for (Event Hubs: the row's).
 */
export function partitionKeyOf(event: Keyed & RowOwner, owner: RowOwner = event): string {
  return `${event.table}.${owner.companyId || 'NONE'}.${owner.locationId || 'NONE'}.${messageKeyOf(event)}`
}

/** `dbchange.<table>.<operation>.<companyId|NONE>.<locationId|NONE>.<last>`, the name that message brokers know a change by. */
export function changeNameOf(event: ChangeEvent, last: string, owner: RowOwner = event): string {
  return `dbchange.${event.table}.${event.operation}.${owner.companyId || 'NONE'}.${owner.locationId || 'NONE'}.${last}`
}
