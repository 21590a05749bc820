import type { Msg } from 'nats'

/**
 * What the client has on every message and leaves out of its type. Its own consumers count with `size`. The raw headers save more than
 * a microsecond per message: most messages have headers (an id, say), and hardly any says how it is packed.
 */
interface WireMessage {
  size(): number
  readonly _msg?: { readonly hdr: number }
  readonly _rdata?: Uint8Array
}

const encodingName = /content-encoding/i

/** Bytes as the server counts them against a request: subject, reply, headers and content. */
export function sizeOf(message: Msg): number {
  return (message as Msg & WireMessage).size()
}

/** The message's `content-encoding`, whatever the case of the name; empty when it has none. */
export function encodingOf(message: Msg): string {
  if (!mayBeEncoded(message as Msg & WireMessage)) return ''
  for (const [name, values] of message.headers ?? [])
    if (name.toLowerCase() === 'content-encoding') return values[0] ?? ''
  return ''
}

/** False only when it is certain. */
function mayBeEncoded({ _msg: frame, _rdata: raw }: WireMessage): boolean {
  if (!frame || !raw) return true
  return frame.hdr > 0 && encodingName.test(Buffer.prototype.latin1Slice.call(raw, 0, frame.hdr))
}
