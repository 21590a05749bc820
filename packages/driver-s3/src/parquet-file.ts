import { changeColumns, fileSchema } from './parquet-columns.js'
import type { ParquetRow, RowFormat } from './parquet-row.js'

/** The Parquet library, loaded when it is needed. */
export type ParquetLibrary = typeof import('hyparquet-writer')

const rowGroupRows = 50_000

/** A whole file. The same rows give the same bytes. */
export function parquetFile(library: ParquetLibrary, format: RowFormat, rows: readonly ParquetRow[]): Uint8Array {
  const columns = [...changeColumns, ...format.columns]
  const writer = new library.ByteWriter()
  // Its promise is for writers that flush somewhere; this one does not.
  library.parquetWrite({
    writer,
    schema: fileSchema(columns),
    columnData: columns.map(({ name, kind }, index) => ({
      name,
      data: rows.map((row) => row[index] ?? null),
      // The least and the greatest JSON text help nobody.
      ...(kind === 'json' && { statistics: false }),
    })),
    rowGroupSize: rowGroupRows,
    createdBy: 'eds',
  })
  return writer.getBytes()
}
