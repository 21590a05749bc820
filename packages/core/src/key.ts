import { EdsError } from './errors.js'
import type { ChangeEvent, Row } from './event.js'
import { ExactNumber, type JsonValue } from './json.js'

/** What {@link rowKeyOf} and {@link primaryKeyOf} need of an event. */
export type Keyed = Pick<ChangeEvent, 'table' | 'key' | 'before' | 'after'>

const separator = '\u0000'

/**
 * Identity of the row that an event changes, as one text, without knowing the schema: the table and the key without its region,
 * or the `id` of the row when the key is empty.
 */
export function rowKeyOf(event: Keyed): string {
  const { key } = event
  if (key.length === 2) return event.table + separator + key[1]
  if (key.length > 2) return event.table + separator + key.slice(1).join(separator)
  return event.table + separator + (key[0] ?? keyText((event.after ?? event.before)?.id) ?? '')
}

/**
 * The primary-key values of the row, one per name in `primaryKeys`: from the row image when it holds them all, otherwise from the
 * event's key (the last element for one column, `key[1…]` in order for several). Values from the key are text, whatever the column's
 * type: convert them before they go into a typed column.
 *
 * @throws EdsError `record` when neither holds them.
 */
export function primaryKeyOf(event: Keyed, primaryKeys: readonly string[]): JsonValue[] {
  const row = event.after ?? event.before
  const values = row === undefined ? [] : fromRow(row, primaryKeys)
  if (values.length === primaryKeys.length) return values
  if (primaryKeys.length === 1 && event.key.length > 0) return event.key.slice(-1)
  if (event.key.length === primaryKeys.length + 1) return event.key.slice(1)
  throw new EdsError('record', `no primary key (${primaryKeys.join(', ')}) in the event for table "${event.table}"`)
}

function fromRow(row: Row, primaryKeys: readonly string[]): JsonValue[] {
  const values: JsonValue[] = []
  for (const name of primaryKeys) {
    const value = row[name]
    if (value === undefined || value === null) return values
    values.push(value)
  }
  return values
}

/** A key value as text; `undefined` for null and for what cannot be a key. */
export function keyText(value: JsonValue | undefined): string | undefined {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean' || value instanceof ExactNumber) return String(value)
  return undefined
}

/** Orders two `mvccTimestamp`s (`"<nanoseconds>.<logical>"`): negative when `left` is older. Text without digits counts as 0. */
export function compareMvcc(left: string, right: string): number {
  if (left === right) return 0
  const [leftTime, leftLogical] = mvccParts(left)
  const [rightTime, rightLogical] = mvccParts(right)
  if (leftTime !== rightTime) return leftTime < rightTime ? -1 : 1
  return leftLogical === rightLogical ? 0 : leftLogical < rightLogical ? -1 : 1
}

function mvccParts(text: string): [time: bigint, logical: bigint] {
  const match = /^(\d*)(?:\.(\d*))?$/.exec(text)
  return [BigInt(match?.[1] || 0), BigInt(match?.[2] || 0)]
}
