import { type NumberStringifier, stringify } from 'lossless-json'
import type { ChangeEvent } from '../event.js'
import { ExactNumber } from '../json.js'
import { rowKeyOf } from '../key.js'
import { parseJson } from './parse-json.js'

const exactNumbers: NumberStringifier[] = [
  { test: (value) => value instanceof ExactNumber, stringify: (value) => String(value) },
]

/** What a stage may change. Fields of the wire only; `undefined` removes an optional one. */
export type EventChanges = Partial<{
  [Name in 'table' | 'key' | 'modelVersion' | 'before' | 'after' | 'diff' | 'companyId' | 'locationId' | 'userId']:
    | ChangeEvent[Name]
    | undefined
}>

/**
 * A changed copy of an event, for stages that filter, rename or mask. Its bytes are made anew from the original message with the
 * changes put in, so that byte-oriented destinations and dead letters never hold what was taken out.
 */
export function rewriteEvent(event: ChangeEvent, changes: EventChanges): ChangeEvent {
  const wire = parseJson(Buffer.from(event.bytes).toString('utf8')) as Record<string, unknown>
  const text = stringify({ ...wire, ...changes }, undefined, undefined, exactNumbers) ?? ''
  // What was said about the original bytes does not hold for others.
  const { escapes: _, ...original } = event
  const fields = { ...original, ...changes } as ChangeEvent
  for (const [name, value] of Object.entries(changes)) if (value === undefined) Reflect.deleteProperty(fields, name)
  return Object.assign(fields, { position: event.position, bytes: Buffer.from(text), rowKey: rowKeyOf(fields) })
}

/** A copy that object stores keep at this path, relative to their prefix. The path must be safe: no `..`, not absolute. */
export function placeEvent(event: ChangeEvent, objectPath: string): ChangeEvent {
  return { ...event, objectPath, position: event.position, bytes: event.bytes, rowKey: event.rowKey }
}

/** A value as JSON text, exact numbers as their own digits. `undefined` for undefined. */
export function stringifyJson(value: unknown): string | undefined {
  return stringify(value, undefined, undefined, exactNumbers)
}
