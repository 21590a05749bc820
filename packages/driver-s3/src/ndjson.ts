import { pipeline, Readable } from 'node:stream'
import { createGzip } from 'node:zlib'
import type { ChangeEvent } from '@eds/core'

const lineFeed = 0x0a
const carriageReturn = 0x0d
const space = 0x20
const newline = Buffer.of(lineFeed)
const blockBytes = 64 * 1_024

/** The events as gzip-compressed lines, in chunks. The same events give the same bytes: gzip's time stamp is zero. */
export function ndjsonChunks(events: readonly ChangeEvent[]): AsyncIterable<Uint8Array> {
  const gzip = createGzip({ chunkSize: blockBytes })
  // Unlike `pipe`, hands a failure of the lines on to whoever reads, and lets go of them when the reader leaves.
  pipeline(Readable.from(inBlocks(events), { objectMode: false }), gzip, () => {})
  return gzip
}

/** Larger pieces than single lines: each costs a turn of the event loop. */
function* inBlocks(events: readonly ChangeEvent[]): Generator<Buffer> {
  let pieces: Uint8Array[] = []
  let bytes = 0
  for (const event of events) {
    pieces.push(oneLine(event.bytes), newline)
    bytes += event.bytes.length + 1
    if (bytes < blockBytes) continue
    yield Buffer.concat(pieces)
    pieces = []
    bytes = 0
  }
  if (bytes > 0) yield Buffer.concat(pieces)
}

/**
 * The event's bytes without line breaks. They cannot stand within a JSON string, so those of a pretty-printed event are white space,
 * and spaces do as well.
 */
export function oneLine(bytes: Uint8Array): Uint8Array {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (!view.includes(lineFeed) && !view.includes(carriageReturn)) return bytes
  return Uint8Array.from(bytes, (byte) => (byte === lineFeed || byte === carriageReturn ? space : byte))
}
