import type { ChangeEvent } from '@eds/core'

const lineFeed = 0x0a
const carriageReturn = 0x0d
const space = 0x20

/** One event per line, each as the source sent it. Within JSON, line breaks stand between tokens only: there they become spaces. */
export function encodeLines(events: readonly ChangeEvent[]): Buffer {
  const size = events.reduce((sum, { bytes }) => sum + bytes.length + 1, 0)
  const body = Buffer.allocUnsafe(size)
  let end = 0
  for (const { bytes } of events) {
    body.set(bytes, end)
    flatten(body, end, end + bytes.length)
    end += bytes.length
    body[end++] = lineFeed
  }
  return body
}

function flatten(body: Buffer, from: number, to: number): void {
  for (const lineBreak of [lineFeed, carriageReturn]) {
    for (let at = body.indexOf(lineBreak, from); at >= 0 && at < to; at = body.indexOf(lineBreak, at)) body[at] = space
  }
}
