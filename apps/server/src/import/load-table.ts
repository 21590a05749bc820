import { type ChangeEvent, type Clock, type Driver, EdsError, type TableSchema, toEdsError } from '@eds/core'
import type { TableImport } from './import-plan.js'
import { type RowReading, tableRows } from './table-rows.js'

export interface TableLoad {
  readonly table: TableImport
  readonly schema: TableSchema
  readonly mode: 'replace' | 'merge'
  readonly reading: RowReading
  /** Told how many rows have been handed over. */
  readonly onRows: (rows: number, table: string) => void
}

/** A driver that loads one table after the other. */
export interface Loader {
  readonly driver: Driver
  /** False before the first table, and after an error that may have broken the connection. */
  isConnected: boolean
}

export interface LoadHost {
  readonly clock: Clock
  /** Told before an attempt is repeated. */
  readonly onRetry: (table: string, error: EdsError) => void
}

const maxUnknownAttempts = 5
const firstWaitMs = 500
const maxWaitMs = 30_000

/**
 * Loads one table by the driver's bulk importer. An attempt that failed left nothing behind, so it is repeated whole while the
 * destination cannot be reached. Resolves to the number of rows. Rejects with `EdsError` naming file and line where one row is at
 * fault.
 */
export async function loadTable(loader: Loader, load: TableLoad, host: LoadHost): Promise<number> {
  const { signal } = load.reading
  for (let attempt = 1; ; attempt++) {
    try {
      if (!loader.isConnected) await loader.driver.connect(signal)
      loader.isConnected = true
      return await loadOnce(loader.driver, load)
    } catch (thrown) {
      const error = toEdsError(thrown)
      if (error.retryable) loader.isConnected = false
      const isFinal =
        !error.retryable || error.code === 'schema' || (error.code === 'unknown' && attempt >= maxUnknownAttempts)
      if (isFinal || signal.aborted) throw await placed(error, load)
      host.onRetry(load.table.table, error)
      await host.clock.sleep(error.retryAfterMs ?? Math.min(maxWaitMs, firstWaitMs * 2 ** (attempt - 1)), signal)
    }
  }
}

async function loadOnce(driver: Driver, { table, schema, mode, reading, onRows }: TableLoad): Promise<number> {
  if (!driver.importer) throw new EdsError('unsupported', 'the destination has no bulk import')
  const unread = mode === 'replace' && driver.importer.readsText === true
  const rows = counted(tableRows(table, schema, { ...reading, unread }), (count) => onRows(count, table.table))
  const result = await driver.importer.load({ schema, rows, mode }, reading.signal)
  return result.rows
}

async function* counted(
  chunks: AsyncIterable<readonly ChangeEvent[]>,
  onRows: (rows: number) => void,
): AsyncGenerator<readonly ChangeEvent[]> {
  for await (const chunk of chunks) {
    yield chunk
    onRows(chunk.length)
  }
}

/** The error with the file and line of the row at fault, which is looked up by reading the files again. */
async function placed(error: EdsError, { table, schema, reading }: TableLoad): Promise<EdsError> {
  const { index, code, message, fix } = error
  if (index === undefined || reading.signal.aborted) return error
  let before = 0
  for await (const chunk of tableRows(table, schema, { ...reading, onBytes: () => {} })) {
    const row = chunk[index - before]
    if (row)
      return new EdsError(code, `${row.position}: ${message}`, { cause: error, ...(fix !== undefined && { fix }) })
    before += chunk.length
  }
  return error
}
