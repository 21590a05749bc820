import { createHash } from 'node:crypto'
import { type ChangeEvent, ExactNumber, type JsonObject, type JsonValue, keyText, parseJson, type Row } from '@eds/core'
import type { ChangeMessage } from '../events.js'
import type { TableRules } from './rules.js'

/** Whom a message is for. */
export type Audience = 'everyone' | readonly string[]

/** How rows become messages. */
export interface EncodeOptions {
  readonly source: string
  readonly exactNumbers: 'number' | 'text'
}

/** The room of everyone who is connected. No user's room can have its name. */
export const everyoneRoom = 'everyone'

/** The room of a user's sockets. */
export function roomOf(userId: string | number): string {
  return `user:${userId}`
}

export function roomsOf(audience: Audience): string[] {
  return audience === 'everyone' ? [everyoneRoom] : [...new Set(audience.map(roomOf))]
}

/** `*` is everyone, all else one user. */
export function audienceOf(userId: string): Audience {
  return userId === '*' ? 'everyone' : [userId]
}

/** Names that socket.io or this driver use themselves: a table of such a name has the event `table:<name>`. */
const takenNames = new Set([
  ...['connect', 'connect_error', 'disconnect', 'disconnecting', 'newListener', 'removeListener'],
  ...['connected', 'error', 'changes', 'event'],
])

/** The name of a table's own event. */
export function eventNameOf(table: string): string {
  return takenNames.has(table) ? `table:${table}` : table
}

const types = { INSERT: 'insert', UPDATE: 'update', DELETE: 'delete' } as const
const nothing: Row = {}

function rowOf(event: ChangeEvent): Row {
  return (event.operation === 'DELETE' ? event.before : event.after) ?? nothing
}

/**
 * Who gets a change by the rules of its table: those whose id is in one of the routed columns of the row (on DELETE, of the old one).
 * When an UPDATE left a routed column out, because it did not change, the old row has it.
 */
export function routeEvent(event: ChangeEvent, rules: TableRules): Audience {
  if (rules.everyone) return 'everyone'
  const row = rowOf(event)
  const users: string[] = []
  for (const column of rules.columns) {
    const user = keyText(own(row, column) ?? (column in row ? undefined : own(event.before ?? nothing, column)))
    if (user !== undefined) users.push(user)
  }
  return users
}

/** Columns may be named like what every object inherits. */
function own(row: Row, column: string): JsonValue | undefined {
  return Object.hasOwn(row, column) ? row[column] : undefined
}

/** The message of a change. */
export function encodeChange(event: ChangeEvent, rules: TableRules, options: EncodeOptions): ChangeMessage<JsonObject> {
  return {
    id: uuidOf(event.id),
    table: event.table,
    type: types[event.operation],
    data: plainRow(rowOf(event), rules.hidden, options.exactNumbers),
    source: options.source,
    source_type: 'database',
    timestamp: event.timestamp,
    version: 1,
  }
}

/**
 * What a published event says beside the usual fields, and whom it is for; `undefined` for changes of a database. Only events with a
 * `userId` are looked at.
 */
export function publicationOf(
  event: ChangeEvent,
): { readonly audience: Audience; readonly source: string; readonly version: number } | undefined {
  if (
    event.userId === undefined ||
    !Buffer.from(event.bytes.buffer, event.bytes.byteOffset, event.bytes.byteLength).includes('"source_type"')
  )
    return undefined
  const wire = parseJson(Buffer.from(event.bytes).toString()) as JsonObject
  if (wire.source_type !== 'api') return undefined
  return {
    audience: audienceOf(event.userId),
    source: typeof wire.source === 'string' ? wire.source : 'api',
    version: typeof wire.version === 'number' ? wire.version : 1,
  }
}

/** The row without hidden columns, its exact numbers as what JSON of a browser can hold. */
function plainRow(row: Row, hidden: ReadonlySet<string>, numbers: EncodeOptions['exactNumbers']): JsonObject {
  const entries: [string, JsonValue | undefined][] = []
  for (const [column, value] of Object.entries(row))
    if (!hidden.has(column)) entries.push([column, plain(value, numbers)])
  return Object.fromEntries(entries)
}

function plain<Value extends JsonValue | undefined>(
  value: Value,
  numbers: EncodeOptions['exactNumbers'],
): JsonValue | Value {
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof ExactNumber) return numbers === 'text' ? value.text : nearest(value.text)
  if (isArray(value)) return value.map((item) => plain(item, numbers))
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, plain(member, numbers)]))
}

function isArray(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value)
}

/** JSON has no infinity: numbers beyond all doubles stay text. */
function nearest(text: string): number | string {
  const number = Number(text)
  return Number.isFinite(number) ? number : text
}

const uuid = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i

/** The id itself when it is a UUID, otherwise one made of its SHA-1 (version 5): the same id always gives the same. */
export function uuidOf(id: string): string {
  if (uuid.test(id)) return id
  const hash = createHash('sha1').update(id).digest()
  hash.writeUInt8(((hash[6] ?? 0) & 0x0f) | 0x50, 6)
  hash.writeUInt8(((hash[8] ?? 0) & 0x3f) | 0x80, 8)
  const hex = hash.toString('hex', 0, 16)
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}
