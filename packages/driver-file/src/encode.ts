import { type ChangeEvent, keyText } from '@eds/core'
import { encodeName, escapeName, maxNameBytes, shortenName } from './names.js'

/** The bytes of files to write, by the name of their folder and their own. */
export type FilePlan = ReadonlyMap<string, ReadonlyMap<string, Uint8Array>>

/** What to append to the file of one table: the lines, each followed by a newline of its own. */
export interface LinePlan {
  readonly pieces: Uint8Array[]
  bytes: number
}

const suffix = '.json'
const lineFeed = 0x0a
const carriageReturn = 0x0d
const space = 0x20
const newline = Buffer.of(lineFeed)

/**
 * One file per event. Of events with the same file name (changes of one row within a second) only the last is written: the
 * earlier ones would be overwritten by it anyway.
 */
export function planFiles(events: readonly ChangeEvent[]): FilePlan {
  const plan = new Map<string, Map<string, Uint8Array>>()
  for (const event of events) {
    entryOf(plan, encodeName(event.table), newFolder).set(fileName(event), event.bytes)
  }
  return plan
}

function newFolder(): Map<string, Uint8Array> {
  return new Map()
}

/** All events of a table as lines, in order, by table. */
export function planLines(events: readonly ChangeEvent[]): Map<string, LinePlan> {
  const plan = new Map<string, LinePlan>()
  for (const event of events) {
    const lines = entryOf(plan, event.table, noLines)
    lines.pieces.push(oneLine(event.bytes), newline)
    lines.bytes += event.bytes.length + 1
  }
  return plan
}

function noLines(): LinePlan {
  return { pieces: [], bytes: 0 }
}

function entryOf<T>(map: Map<string, T>, key: string, make: () => T): T {
  const known = map.get(key)
  if (known !== undefined) return known
  const made = make()
  map.set(key, made)
  return made
}

/** `<timestamp in seconds>-<primary key>.json` */
export function fileName(event: ChangeEvent): string {
  const prefix = `${Math.floor(event.timestamp / 1_000)}-`
  const maxKeyBytes = maxNameBytes - prefix.length - suffix.length
  return prefix + keyName(event, maxKeyBytes) + suffix
}

/**
 * The row's primary key as part of a name: the last element of the key. The columns of a composite key are joined with `-`, and
 * each `-` within one of them is written `%2D`, so that no two keys have the same name. An event without a key goes by the `id` of its row; when that is no plain value, by its own.
 */
function keyName(event: ChangeEvent, maxBytes: number): string {
  const { key } = event
  if (key.length <= 2) return encodeName(key.at(-1) ?? rowId(event) ?? event.id, maxBytes)
  const columns = key.slice(1)
  const name = columns.map((column) => escapeName(column).replaceAll('-', '%2D')).join('-')
  return shortenName(name, columns.join('\u0000'), maxBytes)
}

function rowId(event: ChangeEvent): string | undefined {
  return keyText((event.after ?? event.before)?.id)
}

/**
 * The event's bytes without line breaks. They cannot stand within a JSON string, so those of a pretty-printed event are white
 * space, and spaces do as well. Nearly always these are the bytes themselves.
 */
export function oneLine(bytes: Uint8Array): Uint8Array {
  const view = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (!view.includes(lineFeed) && !view.includes(carriageReturn)) return bytes
  return Uint8Array.from(bytes, (byte) => (byte === lineFeed || byte === carriageReturn ? space : byte))
}
