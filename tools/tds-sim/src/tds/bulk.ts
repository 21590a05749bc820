import type { Value } from '../engine/types.js'
import { ByteReader } from './byte-reader.js'
import { type ColumnType, readColumnType } from './column-type.js'
import { readValue } from './read-value.js'

/** Columns and rows of a BULK LOAD message. */
export interface BulkRows {
  readonly columns: readonly (ColumnType & { readonly name: string })[]
  readonly rows: readonly (readonly Value[])[]
}

const token = { columns: 0x81, row: 0xd1, nullableRow: 0xd2, done: 0xfd } as const

/** Reads the token stream COLMETADATA, ROW…, DONE. */
export function readBulk(payload: Buffer): BulkRows {
  const reader = new ByteReader(payload)
  const columns: BulkRows['columns'][number][] = []
  const rows: Value[][] = []
  while (!reader.atEnd) {
    const kind = reader.uint8()
    if (kind === token.done) break
    if (kind === token.columns) columns.push(...readColumns(reader))
    else if (kind === token.row) rows.push(columns.map((column) => readValue(reader, column)))
    else if (kind === token.nullableRow) rows.push(readNullableRow(reader, columns))
    else throw new RangeError(`Token 0x${kind.toString(16)} has no place in a bulk load`)
  }
  return { columns, rows }
}

function readColumns(reader: ByteReader) {
  const count = reader.uint16()
  return Array.from({ length: count === 0xffff ? 0 : count }, () => {
    reader.take(6)
    const type = readColumnType(reader)
    return { ...type, name: reader.shortText() }
  })
}

function readNullableRow(reader: ByteReader, columns: BulkRows['columns']): Value[] {
  const bitmap = reader.take(Math.ceil(columns.length / 8))
  return columns.map((column, index) => {
    const isNull = (((bitmap[index >> 3] ?? 0) >> (index & 7)) & 1) === 1
    return isNull ? null : readValue(reader, column)
  })
}
