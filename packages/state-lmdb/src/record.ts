import { createHash } from 'node:crypto'
import { decodeText, encodeText } from './text-bytes.js'

/*
 * Layout of a record's key, in bytes. Encoded text never holds a byte above 0xef, so the marks cannot be imitated.
 *
 *   (name 0xff)*  0xfe  key                                one name per level of namespace
 *   (name 0xff)*  0xfe  first part of key  0xfd  digest    a key too long for LMDB; the whole key stands in front of the value
 *   0xfd digest (name 0xff)*  0xfe  …                      the first levels of a namespace whose names are too long
 *   0xfc  …                                                bookkeeping, see `owner`
 */
const nameEnd = 0xff
const keyMark = 0xfe
const longMark = 0xfd
const bookkeepingMark = 0xfc

/** Together at most 1,868 bytes with marks and digests: LMDB takes 1,978. */
const maxPathBytes = 400
const maxKeyBytes = 1_400

/** The record that says which process has the store open. */
export const ownerKey = Buffer.from([bookkeepingMark, 0x01])

/** Where a namespace's records are. */
export type NamespacePath = Buffer

export const rootPath: NamespacePath = Buffer.alloc(0)

export function childPath(parent: NamespacePath, name: string): NamespacePath {
  const path = Buffer.concat([parent, encodeText(name), Buffer.of(nameEnd)])
  return path.length <= maxPathBytes ? path : Buffer.concat([Buffer.of(longMark), digestOf(path)])
}

export interface StoredRecord {
  readonly key: Buffer
  readonly value: Buffer
}

export type Entry = readonly [key: string, value: string]

/** The stored key of an entry. */
export function storedKey(path: NamespacePath, key: string): Buffer {
  const text = encodeText(key)
  if (text.length <= maxKeyBytes) return Buffer.concat([path, Buffer.of(keyMark), text])
  return Buffer.concat([longKeyHead(path, text), digestOf(text)])
}

/** The stored value of an entry. */
export function storedValue(key: string, value: string): Buffer {
  const text = encodeText(key)
  if (text.length <= maxKeyBytes) return encodeText(value)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(text.length)
  return Buffer.concat([length, text, encodeText(value)])
}

/** The entry that was stored as this record. */
export function readRecord(path: NamespacePath, record: StoredRecord): Entry {
  const { key, value } = record
  if (!isLong(path, record)) return [decodeText(key.subarray(path.length + 1)), decodeText(value)]
  const keyEnd = 4 + value.readUInt32BE(0)
  return [decodeText(value.subarray(4, keyEnd)), decodeText(value.subarray(keyEnd))]
}

/** True for the record of a key too long for LMDB. Those with the same beginning are neighbours, in no particular order. */
export function isLong(path: NamespacePath, record: StoredRecord): boolean {
  return record.key.length > path.length + 1 + maxKeyBytes
}

/** True when both keys are too long for LMDB and begin alike, so that their order must be taken from the whole keys. */
export function areLongNeighbours(path: NamespacePath, left: StoredRecord, right: StoredRecord): boolean {
  const headEnd = path.length + 1 + maxKeyBytes
  return isLong(path, left) && isLong(path, right) && left.key.compare(right.key, 0, headEnd, 0, headEnd) === 0
}

/** The records that may hold keys beginning with `prefix`: from `start`, up to but without `end`. */
export function recordRange(path: NamespacePath, prefix: string): { readonly start: Buffer; readonly end: Buffer } {
  const text = encodeText(prefix)
  if (text.length > maxKeyBytes) {
    const head = longKeyHead(path, text)
    return { start: head, end: Buffer.concat([head.subarray(0, -1), Buffer.of(longMark + 1)]) }
  }
  const start = Buffer.concat([path, Buffer.of(keyMark), text])
  return { start, end: Buffer.concat([start, Buffer.of(0xff)]) }
}

function longKeyHead(path: NamespacePath, text: Buffer): Buffer {
  return Buffer.concat([path, Buffer.of(keyMark), text.subarray(0, maxKeyBytes), Buffer.of(longMark)])
}

function digestOf(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest()
}
