import { EdsError } from '@eds/core'
import type { Column } from '../column.js'
import type { ByteReader } from './byte-reader.js'
import { textDecoder } from './charset.js'
import { readDecimal } from './decimal.js'
import { readMysqlJson } from './mysql-json.js'
import { type Field, fieldType } from './table-map.js'
import { readDate, readDatetime, readOldDatetime, readOldTime, readTime, readTimestamp } from './temporal.js'

/** Reads one value of a column, as the text that `ValueText` describes. */
export type FieldReader = (bytes: ByteReader) => string

/**
 * How to read a column's values.
 *
 * Undefined when such a column is not stored like this: the table had other columns then.
 *
 * @throws EdsError `unsupported` for a character set that nothing here knows, and for UUID and INET6.
 */
export function fieldReader(field: Field, column: Column): FieldReader | undefined {
  return numberReader(field, column) ?? temporalReader(field, column) ?? stringReader(field, column)
}

const integerBytes: Readonly<Record<string, readonly [type: number, length: number]>> = {
  tinyint: [fieldType.tiny, 1],
  smallint: [fieldType.short, 2],
  mediumint: [fieldType.int24, 3],
  int: [fieldType.long, 4],
}

function numberReader({ type, meta }: Field, { type: declared, fullType }: Column): FieldReader | undefined {
  const isUnsigned = fullType.includes('unsigned') || fullType.includes('zerofill')
  const [small, length] = integerBytes[declared] ?? []
  if (length !== undefined) {
    if (type !== small) return undefined
    return isUnsigned ? (bytes) => String(bytes.unsigned(length)) : (bytes) => String(bytes.signed(length))
  }
  switch (type) {
    case fieldType.longlong:
      if (declared !== 'bigint') return undefined
      return isUnsigned ? (bytes) => String(bytes.unsigned64()) : (bytes) => String(bytes.signed64())
    case fieldType.newdecimal:
      return declared === 'decimal' ? (bytes) => readDecimal(bytes, meta >> 8, meta & 255) : undefined
    case fieldType.float:
      return declared === 'float' ? (bytes) => String(bytes.float()) : undefined
    case fieldType.double:
      return declared === 'double' ? (bytes) => String(bytes.double()) : undefined
    case fieldType.year:
      return declared === 'year' ? (bytes) => yearText(bytes.unsigned(1)) : undefined
    case fieldType.bit:
      return declared === 'bit' ? bitReader(meta) : undefined
    default:
      return undefined
  }
}

function yearText(stored: number): string {
  return String(stored === 0 ? 0 : 1900 + stored)
}

/** The whole bytes are in the upper half of the description, the bits that are left in the lower. */
function bitReader(meta: number): FieldReader {
  const length = (meta >> 8) + ((meta & 255) > 0 ? 1 : 0)
  return (bytes) => String(BigInt(`0x${bytes.take(length).toString('hex')}`))
}

function temporalReader({ type, meta }: Field, { type: declared, fullType }: Column): FieldReader | undefined {
  // Servers before 5.6 stored fractions in a way that the log does not tell.
  const isOldFraction = fullType.includes('(')
  switch (type) {
    case fieldType.date:
      return declared === 'date' ? readDate : undefined
    case fieldType.datetime2:
      return declared === 'datetime' ? (bytes) => readDatetime(bytes, meta) : undefined
    case fieldType.timestamp2:
      return declared === 'timestamp' ? (bytes) => readTimestamp(bytes, meta) : undefined
    case fieldType.time2:
      return declared === 'time' ? (bytes) => readTime(bytes, meta) : undefined
    case fieldType.datetime:
      return declared === 'datetime' && !isOldFraction ? readOldDatetime : undefined
    case fieldType.timestamp:
      return declared === 'timestamp' && !isOldFraction ? (bytes) => String(bytes.unsigned(4)) : undefined
    case fieldType.time:
      return declared === 'time' && !isOldFraction ? readOldTime : undefined
    default:
      return undefined
  }
}

function stringReader(field: Field, column: Column): FieldReader | undefined {
  const { type, meta } = field
  switch (type) {
    case fieldType.enum:
      return column.type === 'enum' ? enumReader(column, meta) : undefined
    case fieldType.set:
      return column.type === 'set' ? setReader(column, meta) : undefined
    case fieldType.json: {
      if (column.type !== 'json') return undefined
      return (bytes) => readMysqlJson(bytes.take(bytes.unsigned(meta)))
    }
    case fieldType.blob:
    case fieldType.geometry:
      return contentReader(column, (bytes) => bytes.take(bytes.unsigned(meta)))
    case fieldType.string:
    case fieldType.varchar:
    case fieldType.varString: {
      const length = meta > 255 ? 2 : 1
      return contentReader(column, (bytes) => bytes.take(bytes.unsigned(length)))
    }
    default:
      return undefined
  }
}

const texts = new Set(['char', 'varchar', 'tinytext', 'text', 'mediumtext', 'longtext', 'json'])

function contentReader(column: Column, take: (bytes: ByteReader) => Buffer): FieldReader | undefined {
  if (texts.has(column.type)) {
    const decode = textDecoder(column.charset ?? 'utf8mb4')
    return (bytes) => decode(take(bytes))
  }
  if (column.type === 'inet4') return (bytes) => [...padded(take(bytes), 4)].join('.')
  if (column.type === 'uuid' || column.type === 'inet6') {
    throw new EdsError('unsupported', `column "${column.name}" (${column.type}) cannot be read from the binary log`, {
      fix: 'use mode "triggers", or leave its table out',
    })
  }
  const length = column.type === 'binary' ? Number(/\((\d+)\)/.exec(column.fullType)?.[1] ?? 1) : 0
  return (bytes) => padded(take(bytes), length).toString('hex')
}

/** The zeroes at the end of a BINARY(n) are not stored. */
function padded(bytes: Buffer, length: number): Buffer {
  return bytes.length >= length ? bytes : Buffer.concat([bytes], length)
}

/** The members of `enum('a','it''s')`. */
export function membersOf(fullType: string): string[] {
  const quoted = fullType.match(/'(?:[^']|'')*'/g) ?? []
  return quoted.map((text) => text.slice(1, -1).replaceAll("''", "'"))
}

function enumReader({ fullType }: Column, length: number): FieldReader {
  const members = membersOf(fullType)
  // Number 0 is the empty text that a server stores for what is no member.
  return (bytes) => members[bytes.unsigned(length) - 1] ?? ''
}

function setReader({ fullType }: Column, length: number): FieldReader {
  const members = membersOf(fullType)
  return (bytes) => {
    const value = BigInt(`0x${Buffer.from(bytes.take(length)).reverse().toString('hex')}`)
    return members.filter((_, index) => (value >> BigInt(index)) & 1n).join(',')
  }
}
