import type { Operation } from '@eds/core'
import type { RowImage, RowWriter } from './row-writer.js'

/** One change of one row, as captured. */
export interface RowChange {
  readonly operation: Operation
  readonly before?: RowImage
  readonly after?: RowImage
}

/** Where and when a change was made. */
export interface ChangePlace {
  readonly position: string
  readonly region: string
  /** Epoch milliseconds. */
  readonly timestamp: number
  readonly mvccTimestamp: string
}

/**
 * The change as the event's JSON text. Its `id` is the position, so that a change that comes again is known as the same.
 *
 * @throws TypeError when a value does not fit its column, or the key is missing.
 */
export function eventText(writer: RowWriter, { operation, before, after }: RowChange, place: ChangePlace): string {
  const { name, modelVersion } = writer.table
  const key = JSON.stringify([place.region, ...writer.key(after ?? before ?? [])])
  let text = `{"operation":"${operation}","id":"${place.position}","table":${JSON.stringify(name)},"key":${key}`
  text += `,"modelVersion":"${modelVersion}"`
  if (before !== undefined) text += `,"before":${writer.row(before)}`
  if (after !== undefined) text += `,"after":${writer.row(after)}`
  if (before !== undefined && after !== undefined) text += `,"diff":${JSON.stringify(writer.changes(before, after))}`
  return `${text},"timestamp":${place.timestamp},"mvccTimestamp":"${place.mvccTimestamp}"}`
}

/** An UPDATE that changes the primary key is a row that goes and another that comes. */
export function splitKeyChange(writer: RowWriter, change: RowChange): readonly RowChange[] {
  const { before, after } = change
  if (before === undefined || after === undefined) return [change]
  const [old, now] = [writer.key(before), writer.key(after)]
  if (old.every((value, index) => value === now[index])) return [change]
  return [
    { operation: 'DELETE', before },
    { operation: 'INSERT', after },
  ]
}
