import { ByteReader } from './byte-reader.js'

/** Column types of the binary log. */
export const fieldType = {
  tiny: 1,
  short: 2,
  long: 3,
  float: 4,
  double: 5,
  null: 6,
  timestamp: 7,
  longlong: 8,
  int24: 9,
  date: 10,
  time: 11,
  datetime: 12,
  year: 13,
  varchar: 15,
  bit: 16,
  timestamp2: 17,
  datetime2: 18,
  time2: 19,
  blobCompressed: 140,
  varcharCompressed: 141,
  json: 245,
  newdecimal: 246,
  enum: 247,
  set: 248,
  tinyBlob: 249,
  mediumBlob: 250,
  longBlob: 251,
  blob: 252,
  varString: 253,
  string: 254,
  geometry: 255,
} as const

/** A column as a row event stores it. */
export interface Field {
  readonly type: number
  /** What it means depends on the type: a length, digits, bytes of a length. */
  readonly meta: number
}

/** What a table-map event says of the table that the row events behind it change. */
export interface TableMap {
  readonly id: number
  readonly database: string
  readonly table: string
  readonly fields: readonly Field[]
  /** Names of the columns, where `binlog_row_metadata` is FULL. */
  readonly names: readonly string[] | undefined
  /** Equal for two maps exactly when the columns are the same. */
  readonly signature: string
}

const columnNames = 4

/** @throws RangeError when it is cut short. */
export function readTableMap(body: Buffer): TableMap {
  const bytes = new ByteReader(body)
  const id = bytes.unsigned(6)
  bytes.skip(2)
  const database = bytes.text(bytes.unsigned(1))
  bytes.skip(1)
  const table = bytes.text(bytes.unsigned(1))
  bytes.skip(1)
  const start = bytes.offset
  const types = bytes.take(bytes.length())
  const meta = new ByteReader(bytes.take(bytes.length()))
  const fields = [...types].map((type) => readField(type, meta))
  bytes.skip((fields.length + 7) >> 3)
  return { id, database, table, fields, names: readNames(bytes), signature: body.toString('latin1', start) }
}

function readField(type: number, meta: ByteReader): Field {
  switch (type) {
    case fieldType.string: {
      // The real type is hidden in the first byte, and with it the upper bits of a long length.
      const [first, second] = [meta.unsigned(1), meta.unsigned(1)]
      if (first === fieldType.enum || first === fieldType.set) return { type: first, meta: second }
      return { type, meta: (((first & 0x30) ^ 0x30) << 4) | second }
    }
    case fieldType.newdecimal:
      return { type, meta: meta.unsignedBig(2) }
    case fieldType.varchar:
    case fieldType.varString:
    case fieldType.varcharCompressed:
    case fieldType.bit:
      return { type, meta: meta.unsigned(2) }
    case fieldType.float:
    case fieldType.double:
    case fieldType.timestamp2:
    case fieldType.datetime2:
    case fieldType.time2:
    case fieldType.json:
    case fieldType.tinyBlob:
    case fieldType.mediumBlob:
    case fieldType.longBlob:
    case fieldType.blob:
    case fieldType.blobCompressed:
    case fieldType.geometry:
      return { type, meta: meta.unsigned(1) }
    case fieldType.enum:
    case fieldType.set:
      return { type, meta: meta.unsigned(2) >> 8 }
    default:
      return { type, meta: 0 }
  }
}

function readNames(bytes: ByteReader): string[] | undefined {
  while (bytes.left > 0) {
    const kind = bytes.unsigned(1)
    const value = new ByteReader(bytes.take(bytes.length()))
    if (kind !== columnNames) continue
    const names: string[] = []
    while (value.left > 0) names.push(value.text(value.length()))
    return names
  }
  return undefined
}
