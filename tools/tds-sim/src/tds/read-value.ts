import { datetimeEpochDays, fromThreeHundredths, ticksPerDay } from '../engine/moments.js'
import type { Value } from '../engine/types.js'
import { ByteReader } from './byte-reader.js'
import type { ColumnType } from './column-type.js'

/** Reads one value as a parameter, a bulk row or a result holds it. */
export function readValue(reader: ByteReader, column: ColumnType): Value {
  const bytes = readBytes(reader, column)
  return bytes === null ? null : decode(bytes, column)
}

function readBytes(reader: ByteReader, column: ColumnType): Buffer | null {
  switch (column.layout) {
    case 'fixed':
      return column.width === 0 ? null : reader.take(column.width)
    case 'byte': {
      const length = reader.uint8()
      return length === 0 ? null : reader.take(length)
    }
    case 'short': {
      const length = reader.uint16()
      return length === 0xffff ? null : reader.take(length)
    }
    case 'chunks':
      return readChunks(reader)
  }
}

function readChunks(reader: ByteReader): Buffer | null {
  if (reader.uint64() === 0xffffffffffffffffn) return null
  const chunks: Buffer[] = []
  for (let length = reader.uint32(); length !== 0; length = reader.uint32()) chunks.push(reader.take(length))
  return Buffer.concat(chunks)
}

function decode(bytes: Buffer, { type }: ColumnType): Value {
  switch (type.name) {
    case 'bit':
    case 'tinyint':
      return BigInt(bytes.readUInt8(0))
    case 'smallint':
    case 'int':
    case 'bigint':
      return BigInt.asIntN(bytes.length * 8, new ByteReader(bytes).unsigned(bytes.length))
    case 'real':
    case 'float':
      return bytes.length === 4 ? bytes.readFloatLE(0) : bytes.readDoubleLE(0)
    case 'decimal': {
      const digits = new ByteReader(bytes, 1).unsigned(bytes.length - 1)
      return bytes.readUInt8(0) === 0 ? -digits : digits
    }
    case 'nvarchar':
      return bytes.toString('utf16le')
    case 'varchar':
      return bytes.toString('latin1')
    case 'varbinary':
      return Buffer.from(bytes)
    case 'uniqueidentifier':
      return identifierText(bytes)
    default:
      return decodeMoment(bytes, type.name, type.scale)
  }
}

/** The first three groups are little-endian. */
function identifierText(bytes: Buffer): string {
  const group = (start: number, end: number) => Buffer.from(bytes.subarray(start, end))
  const swapped = [group(0, 4), group(4, 6), group(6, 8)].map((part) => part.reverse().toString('hex'))
  return [...swapped, group(8, 10).toString('hex'), group(10, 16).toString('hex')].join('-').toUpperCase()
}

function decodeMoment(bytes: Buffer, name: string, scale: number): Value {
  const reader = new ByteReader(bytes)
  if (name === 'date') return reader.unsigned(3)
  if (name === 'datetime') {
    const days = BigInt(bytes.readInt32LE(0)) + datetimeEpochDays
    return days * ticksPerDay + fromThreeHundredths(BigInt(bytes.readUInt32LE(4)))
  }
  const tail = name === 'time' ? 0 : name === 'datetime2' ? 3 : 5
  const time = reader.unsigned(bytes.length - tail) * 10n ** BigInt(7 - scale)
  if (name === 'time') return time
  const ticks = reader.unsigned(3) * ticksPerDay + time
  return name === 'datetime2' ? ticks : { ticks, offsetMinutes: bytes.readInt16LE(bytes.length - 2) }
}
