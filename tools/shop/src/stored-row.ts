import type { Row, TableSchema } from '@eds/core'
import { parseExact } from './exact-json.js'
import { memberSpans } from './json-spans.js'

/** A row as {@link ExpectedState} keeps it: as text outside the JavaScript heap. */
export interface StoredRow {
  /** JSON text in UTF-8. */
  readonly source: Buffer
  /** How many columns the newest schema had that an image of this row followed. */
  readonly columnCount: number
}

type Members = readonly (readonly [name: string, source: string])[]

/** A new row from a whole image. */
export function storeRow(image: string, schema: TableSchema): StoredRow {
  return stored(knownMembers(image, schema), schema)
}

/** An image laid over a row: columns that the image lacks stay. */
export function mergeRow(row: StoredRow, image: string, schema: TableSchema): StoredRow {
  const members = knownMembers(image, schema)
  const columns = columnCount(schema)
  if (members.length === columns && columns >= row.columnCount) return stored(members, schema)
  const merged = stored([...new Map([...memberSpans(row.source.toString()), ...members])], schema)
  return { source: merged.source, columnCount: Math.max(columns, row.columnCount) }
}

export function parseRow({ source }: StoredRow): Row {
  return Object.fromEntries(memberSpans(source.toString()).map(([name, value]) => [name, parseExact(value)]))
}

const columnCounts = new WeakMap<TableSchema, number>()

/** Later versions only add columns, so this tells which of two versions is the newer one. */
export function columnCount(schema: TableSchema): number {
  const known = columnCounts.get(schema)
  if (known !== undefined) return known
  const count = Object.keys(schema.properties).length
  columnCounts.set(schema, count)
  return count
}

/** Columns that the image's version of the schema does not name are no part of the row. */
function knownMembers(image: string, { properties }: TableSchema): Members {
  return memberSpans(image).filter(([name]) => Object.hasOwn(properties, name))
}

function stored(members: Members, schema: TableSchema): StoredRow {
  const text = `{${members.map(([name, source]) => `${JSON.stringify(name)}:${source}`).join(',')}}`
  const source = Buffer.allocUnsafeSlow(Buffer.byteLength(text))
  source.write(text)
  return { source, columnCount: columnCount(schema) }
}
