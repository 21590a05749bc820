import { ByteReader } from './byte-reader.js'
import { readDecimal } from './decimal.js'
import { fieldType } from './table-map.js'
import { readDatetime, readTime } from './temporal.js'

/**
 * MySQL's binary form of a JSON document → its text. Numbers keep their digits. MariaDB stores JSON as text.
 * https://dev.mysql.com/doc/dev/mysql-server/latest/json__binary_8h.html
 */
export function readMysqlJson(bytes: Buffer): string {
  if (bytes.length === 0) return 'null'
  return value(bytes.subarray(1), bytes.readUInt8(0))
}

const type = {
  smallObject: 0,
  largeObject: 1,
  smallArray: 2,
  largeArray: 3,
  literal: 4,
  int16: 5,
  uint16: 6,
  int32: 7,
  uint32: 8,
  int64: 9,
  uint64: 10,
  double: 11,
  string: 12,
  opaque: 15,
} as const

const literals = ['null', 'true', 'false'] as const

function value(bytes: Buffer, kind: number): string {
  switch (kind) {
    case type.smallObject:
    case type.largeObject:
    case type.smallArray:
    case type.largeArray:
      return container(bytes, kind)
    case type.literal:
      return literals[bytes.readUInt8(0)] ?? 'null'
    case type.int16:
      return String(bytes.readInt16LE(0))
    case type.uint16:
      return String(bytes.readUInt16LE(0))
    case type.int32:
      return String(bytes.readInt32LE(0))
    case type.uint32:
      return String(bytes.readUInt32LE(0))
    case type.int64:
      return String(bytes.readBigInt64LE(0))
    case type.uint64:
      return String(bytes.readBigUInt64LE(0))
    case type.double:
      return String(bytes.readDoubleLE(0))
    case type.string:
      return JSON.stringify(lengthPrefixed(bytes, 0).toString('utf8'))
    case type.opaque:
      return opaque(bytes.readUInt8(0), lengthPrefixed(bytes, 1))
    default:
      throw new TypeError(`a JSON document holds a value of the unknown type ${kind}`)
  }
}

function container(bytes: Buffer, kind: number): string {
  const isLarge = kind === type.largeObject || kind === type.largeArray
  const isObject = kind === type.smallObject || kind === type.largeObject
  const width = isLarge ? 4 : 2
  const number = (offset: number) => bytes.readUIntLE(offset, width)
  const count = number(0)
  const keysAt = 2 * width
  const valuesAt = keysAt + (isObject ? count * (width + 2) : 0)
  const parts: string[] = []
  for (let index = 0; index < count; index++) {
    const text = entry(bytes, valuesAt + index * (1 + width), isLarge)
    if (!isObject) {
      parts.push(text)
      continue
    }
    const at = keysAt + index * (width + 2)
    const start = number(at)
    const key = bytes.toString('utf8', start, start + bytes.readUInt16LE(at + width))
    parts.push(`${JSON.stringify(key)}:${text}`)
  }
  return isObject ? `{${parts.join(',')}}` : `[${parts.join(',')}]`
}

/** Short values stand in the entry itself, others where it points to. */
function entry(bytes: Buffer, at: number, isLarge: boolean): string {
  const kind = bytes.readUInt8(at)
  const isShort = kind === type.literal || kind === type.int16 || kind === type.uint16
  const isInline = isShort || (isLarge && (kind === type.int32 || kind === type.uint32))
  const start = isInline ? at + 1 : bytes.readUIntLE(at + 1, isLarge ? 4 : 2)
  return value(bytes.subarray(start), kind)
}

/** A length in groups of seven bits, the lowest first, then so many bytes. */
function lengthPrefixed(bytes: Buffer, at: number): Buffer {
  let length = 0
  let offset = at
  for (let shift = 0; ; shift += 7) {
    const group = bytes.readUInt8(offset++)
    length += (group & 0x7f) * 2 ** shift
    if ((group & 0x80) === 0) break
  }
  return bytes.subarray(offset, offset + length)
}

/** Values of SQL's own types, as `CAST(… AS CHAR)` would write them into a document. */
function opaque(kind: number, bytes: Buffer): string {
  if (kind === fieldType.newdecimal) {
    return readDecimal(new ByteReader(bytes, 2), bytes.readUInt8(0), bytes.readUInt8(1))
  }
  const isTime = kind === fieldType.time
  if (isTime || kind === fieldType.date || kind === fieldType.datetime || kind === fieldType.timestamp) {
    // The number that the log stores with its highest byte first is stored the other way round here, without the offset.
    const packed = bytes.readBigInt64LE(0)
    const stored = Buffer.alloc(8)
    stored.writeBigInt64BE(isTime ? packed + (1n << 47n) : packed + (1n << 63n))
    return `"${temporal(kind, stored)}"`
  }
  return JSON.stringify(`base64:type${kind}:${bytes.toString('base64')}`)
}

function temporal(kind: number, stored: Buffer): string {
  if (kind === fieldType.time) return readTime(new ByteReader(stored, 2), 6)
  const text = readDatetime(new ByteReader(stored), 6)
  return kind === fieldType.date ? text.slice(0, 10) : text
}
