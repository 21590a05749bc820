import type { Tuple } from '../event/captured-change.js'
import { MessageReader } from './message-reader.js'

/** What the log says, as far as it matters here. `pgoutput`, protocol version 1. */
export type LogMessage =
  | { readonly kind: 'begin'; readonly commit: bigint; readonly time: number }
  | { readonly kind: 'commit'; readonly end: bigint }
  | {
      readonly kind: 'relation'
      readonly relation: number
      readonly names: readonly string[]
      readonly types: readonly number[]
    }
  | { readonly kind: 'insert'; readonly relation: number; readonly after: Tuple }
  | { readonly kind: 'update'; readonly relation: number; readonly before?: OldTuple; readonly after: Tuple }
  | { readonly kind: 'delete'; readonly relation: number; readonly before: OldTuple }
  | { readonly kind: 'message'; readonly prefix: string; readonly content: string }
  | { readonly kind: 'other' }

/** The row before: whole, or only what identifies it (all else null, which says nothing). */
export interface OldTuple {
  readonly isWhole: boolean
  readonly tuple: Tuple
}

/** Microseconds between 1970 and 2000, where PostgreSQL's time begins. */
const epochOffset = 946_684_800_000_000n
const letter = (code: number) => String.fromCharCode(code)

/** Pure. */
export function decodeMessage(bytes: Buffer): LogMessage {
  const reader = new MessageReader(bytes)
  switch (letter(reader.byte())) {
    case 'B': {
      const commit = reader.uint64()
      return { kind: 'begin', commit, time: Number((reader.uint64() + epochOffset) / 1000n) }
    }
    case 'C':
      reader.byte()
      reader.uint64()
      return { kind: 'commit', end: reader.uint64() }
    case 'R':
      return relation(reader)
    case 'I': {
      const number = reader.uint32()
      reader.byte()
      return { kind: 'insert', relation: number, after: tuple(reader) }
    }
    case 'U':
      return update(reader)
    case 'D': {
      const number = reader.uint32()
      return { kind: 'delete', relation: number, before: old(reader, letter(reader.byte())) }
    }
    case 'M':
      return message(reader)
    default:
      return { kind: 'other' }
  }
}

function relation(reader: MessageReader): LogMessage {
  const number = reader.uint32()
  reader.string()
  reader.string()
  reader.byte()
  const names: string[] = []
  const types: number[] = []
  for (let left = reader.int16(); left > 0; left--) {
    reader.byte()
    names.push(reader.string())
    types.push(reader.uint32())
    reader.uint32()
  }
  return { kind: 'relation', relation: number, names, types }
}

function update(reader: MessageReader): LogMessage {
  const number = reader.uint32()
  const mark = letter(reader.byte())
  if (mark === 'N') return { kind: 'update', relation: number, after: tuple(reader) }
  const before = old(reader, mark)
  reader.byte()
  return { kind: 'update', relation: number, before, after: tuple(reader) }
}

function old(reader: MessageReader, mark: string): OldTuple {
  return { isWhole: mark === 'O', tuple: tuple(reader) }
}

function message(reader: MessageReader): LogMessage {
  reader.byte()
  reader.uint64()
  const prefix = reader.string()
  return { kind: 'message', prefix, content: reader.text(reader.uint32()) }
}

/** `undefined`: a large value that did not change, which the log leaves out. */
function tuple(reader: MessageReader): Tuple {
  const values: (string | null | undefined)[] = []
  for (let left = reader.int16(); left > 0; left--) {
    const mark = letter(reader.byte())
    if (mark === 't') values.push(reader.text(reader.uint32()))
    else values.push(mark === 'n' ? null : undefined)
  }
  return values
}
