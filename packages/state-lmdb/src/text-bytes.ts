const anySurrogate = /[\ud800-\udfff]/
/** First byte of every encoded surrogate, and of some other characters. */
const surrogateLead = 0xed

/**
 * Text as bytes whose order is the order of JavaScript's code units. Every text has bytes of its own, halves of surrogate pairs
 * included. It is UTF-8, except that each half of a surrogate pair is encoded by itself (as CESU-8 does), so a byte is never
 * above 0xef.
 */
export function encodeText(text: string): Buffer {
  if (!anySurrogate.test(text)) return Buffer.from(text, 'utf8')
  const bytes = Buffer.allocUnsafe(text.length * 3)
  let length = 0
  for (let index = 0; index < text.length; index++) length = encodeUnit(text.charCodeAt(index), bytes, length)
  return bytes.subarray(0, length)
}

function encodeUnit(unit: number, bytes: Buffer, at: number): number {
  if (unit < 0x80) return bytes.writeUInt8(unit, at)
  if (unit < 0x800) return bytes.writeUInt16BE(0xc080 | ((unit & 0x7c0) << 2) | (unit & 0x3f), at)
  const end = bytes.writeUInt8(0xe0 | (unit >> 12), at)
  return bytes.writeUInt16BE(0x8080 | ((unit & 0xfc0) << 2) | (unit & 0x3f), end)
}

/** The text that {@link encodeText} made into these bytes. */
export function decodeText(bytes: Buffer): string {
  if (!bytes.includes(surrogateLead)) return bytes.toString('utf8')
  const units = new Uint16Array(bytes.length)
  let length = 0
  for (let at = 0; at < bytes.length; length++) {
    const lead = bytes.readUInt8(at)
    units[length] = decodeUnit(bytes, at, lead)
    at += lead < 0x80 ? 1 : lead < 0xe0 ? 2 : 3
  }
  return Buffer.from(units.buffer, 0, length * 2).toString('utf16le')
}

function decodeUnit(bytes: Buffer, at: number, lead: number): number {
  if (lead < 0x80) return lead
  const second = bytes.readUInt8(at + 1) & 0x3f
  if (lead < 0xe0) return ((lead & 0x1f) << 6) | second
  return ((lead & 0x0f) << 12) | (second << 6) | (bytes.readUInt8(at + 2) & 0x3f)
}
