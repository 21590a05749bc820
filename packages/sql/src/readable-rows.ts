import { type BulkLoadRequest, type ChangeEvent, toEdsError } from '@eds/core'

/** The rows of an import, chunk by chunk. */
export type RowChunks = AsyncGenerator<readonly ChangeEvent[]>

/** Errors of whoever gives the rows become an `EdsError` of their own, so that they are not taken for the database's. */
export async function* readableRows(rows: BulkLoadRequest['rows']): RowChunks {
  try {
    for await (const chunk of rows) yield chunk
  } catch (error) {
    throw toEdsError(error)
  }
}
