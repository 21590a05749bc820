import { datetimeEpochDays, ticksPerDay, toThreeHundredths } from '../engine/moments.js'
import type { SqlType, TypeName, Value } from '../engine/types.js'
import type { ByteWriter } from './byte-writer.js'

const chunkedNull = 0xffffffffffffffffn
const chunkedUnknownLength = 0xfffffffffffffffen

const integerWidth: Partial<Record<TypeName, number>> = { bit: 1, tinyint: 1, smallint: 2, int: 4, bigint: 8 }

/** Writes one value of a result column. */
export function writeValue(writer: ByteWriter, value: Value, type: SqlType): void {
  if (value === null) writeNull(writer, type)
  else if (typeof value === 'number') writeFloat(writer, value, type)
  else if (typeof value === 'bigint') writeInteger(writer, value, type)
  else if (typeof value === 'string') writeText(writer, value, type)
  else if (value instanceof Uint8Array) writeBytes(writer, value, type)
  else {
    writer.uint8(timeLength(type.scale) + 5)
    writeTicks(writer, value.ticks, type.scale)
    writer.int16(value.offsetMinutes)
  }
}

const isLong = (type: SqlType) => type.name === 'nvarchar' || type.name === 'varchar' || type.name === 'varbinary'

function writeNull(writer: ByteWriter, type: SqlType): void {
  if (!isLong(type)) writer.uint8(0)
  else if (type.length === 0) writer.uint64(chunkedNull)
  else writer.uint16(0xffff)
}

function writeFloat(writer: ByteWriter, value: number, type: SqlType): void {
  if (type.name === 'real') writer.uint8(4).float32(value)
  else writer.uint8(8).float64(value)
}

function writeText(writer: ByteWriter, value: string, type: SqlType): void {
  if (type.name === 'uniqueidentifier') writer.uint8(16).raw(identifierBytes(value))
  else writeBytes(writer, Buffer.from(value, type.name === 'varchar' ? 'latin1' : 'utf16le'), type)
}

function identifierBytes(text: string): Buffer {
  const bytes = Buffer.from(text.replaceAll('-', ''), 'hex')
  bytes.subarray(0, 4).reverse()
  bytes.subarray(4, 6).reverse()
  bytes.subarray(6, 8).reverse()
  return bytes
}

function writeBytes(writer: ByteWriter, bytes: Uint8Array, type: SqlType): void {
  if (type.length !== 0) {
    writer.uint16(bytes.length).raw(bytes)
    return
  }
  writer.uint64(chunkedUnknownLength)
  if (bytes.length > 0) writer.uint32(bytes.length).raw(bytes)
  writer.uint32(0)
}

function writeInteger(writer: ByteWriter, value: bigint, type: SqlType): void {
  const width = integerWidth[type.name]
  if (width !== undefined) {
    writer.uint8(width).integer(value, width)
    return
  }
  switch (type.name) {
    case 'decimal':
      writer
        .uint8(17)
        .uint8(value < 0n ? 0 : 1)
        .integer(value < 0n ? -value : value, 16)
      break
    case 'date':
      writer.uint8(3).integer(value, 3)
      break
    case 'datetime':
      writeDatetime(writer, value)
      break
    case 'time':
      writer.uint8(timeLength(type.scale)).integer(value / 10n ** BigInt(7 - type.scale), timeLength(type.scale))
      break
    default:
      writer.uint8(timeLength(type.scale) + 3)
      writeTicks(writer, value, type.scale)
  }
}

function writeDatetime(writer: ByteWriter, ticks: bigint): void {
  writer.uint8(8).integer(ticks / ticksPerDay - datetimeEpochDays, 4)
  writer.integer(toThreeHundredths(ticks % ticksPerDay), 4)
}

const timeLength = (scale: number) => (scale <= 2 ? 3 : scale <= 4 ? 4 : 5)

function writeTicks(writer: ByteWriter, ticks: bigint, scale: number): void {
  writer.integer((ticks % ticksPerDay) / 10n ** BigInt(7 - scale), timeLength(scale)).integer(ticks / ticksPerDay, 3)
}
