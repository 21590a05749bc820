import type { RowChange } from '../event-text.js'
import type { RowImage } from '../row-writer.js'
import { ByteReader, hasBit } from './byte-reader.js'
import type { FieldReader } from './field-reader.js'
import { eventType } from './log-event.js'

type Kind = 'INSERT' | 'UPDATE' | 'DELETE'

const kinds: ReadonlyMap<number, Kind> = new Map([
  [eventType.writeRowsV1, 'INSERT'],
  [eventType.updateRowsV1, 'UPDATE'],
  [eventType.deleteRowsV1, 'DELETE'],
  [eventType.writeRows, 'INSERT'],
  [eventType.updateRows, 'UPDATE'],
  [eventType.deleteRows, 'DELETE'],
])

/** What a row event changes; undefined for another event. */
export function rowsKind(type: number): Kind | undefined {
  return kinds.get(type)
}

export function rowsTableId(body: Buffer): number {
  return body.readUIntLE(0, 6)
}

/** The changes of a row event, one by one. `fields`: one reader per column. Throws a `RangeError` when it is cut short. */
export function* readRows(type: number, body: Buffer, fields: readonly FieldReader[]): Generator<RowChange> {
  const operation = kinds.get(type)
  if (operation === undefined) return
  const bytes = new ByteReader(body, 8)
  if (type >= eventType.writeRows) bytes.skip(bytes.unsigned(2) - 2)
  const count = bytes.length()
  if (count !== fields.length) throw new RangeError(`${count} columns instead of ${fields.length}`)
  const mapLength = (count + 7) >> 3
  const present = bytes.take(mapLength)
  const presentAfter = operation === 'UPDATE' ? bytes.take(mapLength) : present
  while (bytes.left > 0) {
    const first = readImage(bytes, fields, present)
    if (operation === 'INSERT') yield { operation, after: first }
    else if (operation === 'DELETE') yield { operation, before: first }
    else yield { operation, before: first, after: readImage(bytes, fields, presentAfter) }
  }
}

function readImage(bytes: ByteReader, fields: readonly FieldReader[], present: Buffer): RowImage {
  let count = 0
  for (let index = 0; index < fields.length; index++) if (hasBit(present, index)) count++
  const nulls = bytes.take((count + 7) >> 3)
  let at = 0
  return fields.map((read, index) => {
    if (!hasBit(present, index)) return undefined
    return hasBit(nulls, at++) ? null : read(bytes)
  })
}
