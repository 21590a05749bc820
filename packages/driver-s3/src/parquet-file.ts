import type { SchemaElement } from 'hyparquet-writer'
import { changeColumns, fileSchema } from './parquet-columns.js'
import type { ParquetRow, RowFormat } from './parquet-row.js'

/** The Parquet library, loaded when it is needed. */
export type ParquetLibrary = typeof import('hyparquet-writer')

const rowGroupRows = 50_000

/** A whole file. The same rows give the same bytes. */
export function parquetFile(library: ParquetLibrary, format: RowFormat, rows: readonly ParquetRow[]): Uint8Array {
  const columns = [...changeColumns, ...format.columns]
  const schema = fileSchema(columns)
  const writer = new library.ByteWriter()
  const file = new library.ParquetWriter({ writer, schema: schema.map(asBytes), createdBy: 'eds' })
  // The promises of both calls are for writers that flush somewhere; this one does not.
  file.write({
    columnData: columns.map(({ name, kind }, index) => ({
      name,
      data: rows.map((row) => row[index] ?? null),
      // The least and the greatest JSON text help nobody.
      ...(kind === 'json' && { statistics: false }),
    })),
    rowGroupSize: rowGroupRows,
  })
  file.schema = schema
  file.finish()
  return writer.getBytes()
}

/** Of a JSON column the library would make the text by itself, and lose numbers that a double cannot hold. So it is given bytes. */
function asBytes(element: SchemaElement): SchemaElement {
  if (element.converted_type !== 'JSON') return element
  const { converted_type, logical_type, ...bytes } = element
  return bytes
}
