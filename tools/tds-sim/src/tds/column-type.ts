import { type SqlType, type TypeName, typeOf } from '../engine/types.js'
import type { ByteReader } from './byte-reader.js'
import type { ByteWriter } from './byte-writer.js'

/** Identifiers of types on the wire (MS-TDS 2.2.5.4). */
export const wire = {
  null: 0x1f,
  guid: 0x24,
  intN: 0x26,
  date: 0x28,
  time: 0x29,
  datetime2: 0x2a,
  datetimeOffset: 0x2b,
  bitN: 0x68,
  decimalN: 0x6a,
  numericN: 0x6c,
  floatN: 0x6d,
  datetimeN: 0x6f,
  varBinary: 0xa5,
  varChar: 0xa7,
  binary: 0xad,
  char: 0xaf,
  nVarChar: 0xe7,
  nChar: 0xef,
} as const

/** A type as a client declares it: what it means and how its values are laid out. */
export interface ColumnType {
  readonly id: number
  readonly type: SqlType
  /** How a value's length is written: not at all (fixed), in one byte, in two, or in chunks (PLP). */
  readonly layout: 'fixed' | 'byte' | 'short' | 'chunks'
  /** Bytes of a value of fixed length. */
  readonly width: number
}

const fixedTypes: Record<number, readonly [TypeName, number]> = {
  48: ['tinyint', 1],
  50: ['bit', 1],
  52: ['smallint', 2],
  56: ['int', 4],
  59: ['real', 4],
  61: ['datetime', 8],
  62: ['float', 8],
  127: ['bigint', 8],
}

const integerByWidth: Record<number, TypeName> = { 1: 'tinyint', 2: 'smallint', 4: 'int', 8: 'bigint' }

/** Reads TYPE_INFO. */
export function readColumnType(reader: ByteReader): ColumnType {
  const id = reader.uint8()
  const fixed = fixedTypes[id]
  if (fixed) return { id, type: typeOf(fixed[0]), layout: 'fixed', width: fixed[1] }
  if (id === wire.null) return { id, type: typeOf('int'), layout: 'fixed', width: 0 }
  if (id >= 0xa0) return readLongType(reader, id)
  return { id, type: readShortType(reader, id), layout: 'byte', width: 0 }
}

function readShortType(reader: ByteReader, id: number): SqlType {
  if (id === wire.date) return typeOf('date')
  const first = reader.uint8()
  switch (id) {
    case wire.intN:
      return typeOf(integerByWidth[first] ?? 'bigint')
    case wire.bitN:
      return typeOf('bit')
    case wire.floatN:
      return typeOf(first === 4 ? 'real' : 'float')
    case wire.datetimeN:
      return typeOf('datetime')
    case wire.guid:
      return typeOf('uniqueidentifier')
    case wire.decimalN:
    case wire.numericN:
      return typeOf('decimal', 0, reader.uint8(), reader.uint8())
    case wire.time:
      return typeOf('time', 0, 0, first)
    case wire.datetime2:
      return typeOf('datetime2', 0, 0, first)
    case wire.datetimeOffset:
      return typeOf('datetimeoffset', 0, 0, first)
    default:
      throw new RangeError(`The server for tests does not know the TDS type 0x${id.toString(16)}`)
  }
}

const chunkedLength = 0xffff

function readLongType(reader: ByteReader, id: number): ColumnType {
  const length = reader.uint16()
  const layout = length === chunkedLength ? 'chunks' : 'short'
  const bytes = layout === 'chunks' ? 0 : length
  if (id === wire.varBinary || id === wire.binary) return { id, type: typeOf('varbinary', bytes), layout, width: 0 }
  reader.take(5)
  if (id === wire.nVarChar || id === wire.nChar) return { id, type: typeOf('nvarchar', bytes / 2), layout, width: 0 }
  if (id === wire.varChar || id === wire.char) return { id, type: typeOf('varchar', bytes), layout, width: 0 }
  throw new RangeError(`The server for tests does not know the TDS type 0x${id.toString(16)}`)
}

/** Latin1_General_CI_AS, code page 1252. */
export const collation = Buffer.from([0x09, 0x04, 0xd0, 0x00, 0x34])

const integerWidth: Partial<Record<TypeName, number>> = { tinyint: 1, smallint: 2, int: 4, bigint: 8 }

/** Writes TYPE_INFO of a result column. */
export function writeColumnType(writer: ByteWriter, type: SqlType): void {
  const width = integerWidth[type.name]
  if (width !== undefined) {
    writer.uint8(wire.intN).uint8(width)
    return
  }
  switch (type.name) {
    case 'bit':
      writer.uint8(wire.bitN).uint8(1)
      break
    case 'real':
      writer.uint8(wire.floatN).uint8(4)
      break
    case 'float':
      writer.uint8(wire.floatN).uint8(8)
      break
    case 'decimal':
      writer.uint8(wire.numericN).uint8(17).uint8(type.precision).uint8(type.scale)
      break
    case 'uniqueidentifier':
      writer.uint8(wire.guid).uint8(16)
      break
    case 'datetime':
      writer.uint8(wire.datetimeN).uint8(8)
      break
    default:
      writeVariableType(writer, type)
  }
}

function writeVariableType(writer: ByteWriter, type: SqlType): void {
  switch (type.name) {
    case 'date':
      writer.uint8(wire.date)
      break
    case 'time':
      writer.uint8(wire.time).uint8(type.scale)
      break
    case 'datetime2':
      writer.uint8(wire.datetime2).uint8(type.scale)
      break
    case 'datetimeoffset':
      writer.uint8(wire.datetimeOffset).uint8(type.scale)
      break
    case 'varbinary':
      writer.uint8(wire.varBinary).uint16(type.length || chunkedLength)
      break
    case 'varchar':
      writer
        .uint8(wire.varChar)
        .uint16(type.length || chunkedLength)
        .raw(collation)
      break
    default:
      writer
        .uint8(wire.nVarChar)
        .uint16(type.length * 2 || chunkedLength)
        .raw(collation)
  }
}
