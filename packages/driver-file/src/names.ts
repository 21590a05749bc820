import { createHash } from 'node:crypto'

/** What every common file system takes as one name, in bytes. */
export const maxNameBytes = 255

/** A leading dot (so no `.`, no `..`, nothing hidden), control characters, separators, the escape itself, halves of surrogate pairs. */
const unsafe = /^\.|[\p{Cc}%/\\]|\p{Cs}/gu
const escaped = /%ED%([AB][0-9A-F])%([89AB][0-9A-F])|%([0-9A-F]{2})/g
/** Cannot come from escaping: it is no hexadecimal number. */
const shortenedMark = '%~'
const digestLength = 32
const emptyName = '%'

/**
 * Any text as the name of a file or folder: percent-encoded where it has to be, and otherwise as it is, so that uuids and ordinary
 * names stay what they are. Different texts have different names, and no name leads out of its folder.
 * A name longer than `maxBytes` bytes of UTF-8 ends in a digest of the text instead of its last part.
 */
export function encodeName(text: string, maxBytes = maxNameBytes): string {
  return shortenName(escapeName(text), text, maxBytes)
}

/** The text that {@link encodeName} was given; `undefined` for a name that was shortened. */
export function decodeName(name: string): string | undefined {
  if (name === emptyName) return ''
  if (name.includes(shortenedMark)) return undefined
  return name.replace(escaped, (_, second?: string, third?: string, code?: string) => {
    if (second === undefined || third === undefined) return String.fromCharCode(Number.parseInt(code ?? '', 16))
    return String.fromCharCode(0xd000 | ((hex(second) & 0x3f) << 6) | (hex(third) & 0x3f))
  })
}

/** The first half of {@link encodeName}: every unsafe character replaced, of any length. */
export function escapeName(text: string): string {
  return text === '' ? emptyName : text.replace(unsafe, escapeUnit)
}

/** The second half of {@link encodeName}. `identity` tells the name from others that begin alike. */
export function shortenName(name: string, identity: string, maxBytes: number): string {
  if (Buffer.byteLength(name) <= maxBytes) return name
  const digest = createHash('sha256').update(identity, 'utf16le').digest('hex').slice(0, digestLength)
  const ending = shortenedMark + digest
  return firstBytes(name, maxBytes - ending.length) + ending
}

/** As many whole characters as fit, without a piece of an escape at the end. */
function firstBytes(name: string, maxBytes: number): string {
  let length = 0
  let bytes = 0
  for (const character of name) {
    bytes += Buffer.byteLength(character)
    if (bytes > maxBytes) break
    length += character.length
  }
  return name.slice(0, length).replace(/%[0-9A-F]?$/, '')
}

/** Escapes have the form of UTF-8; halves of surrogate pairs, which it does not know, the form that they would have in it. */
function escapeUnit(character: string): string {
  const unit = character.charCodeAt(0)
  if (unit <= 0x9f) return percent(unit)
  return percent(0xe0 | (unit >> 12)) + percent(0x80 | ((unit >> 6) & 0x3f)) + percent(0x80 | (unit & 0x3f))
}

function percent(byte: number): string {
  return `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
}

function hex(digits: string): number {
  return Number.parseInt(digits, 16)
}
