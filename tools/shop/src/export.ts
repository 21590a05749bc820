import { createWriteStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import type { ExpectedState } from './expected-state.js'
import { type ExportRowsOptions, type ExportTable, exportTables } from './export-rows.js'
import { hex } from './random.js'

export interface ExportOptions extends ExportRowsOptions {
  /** Folder to write to; made when it is not there. */
  readonly dir: string
  /** A table with more rows gets several files; default 10,000. */
  readonly rowsPerFile?: number
  /**
   * When the export was made, epoch milliseconds: after an import, events before this time are skipped. Default 1719999999000, one
   * second before the first of the shop's events.
   */
  readonly time?: number
  /** Receives every row, to compare with after the import. */
  readonly expected?: ExpectedState
}

export interface ShopExport {
  /** Base names, in the order of the tables. */
  readonly files: readonly string[]
  /** Table → how many rows it has. */
  readonly rows: ReadonlyMap<string, number>
}

/**
 * Writes gzipped JSON lines files as the bulk export does: `<33 digits>-<hex>-<…>-<table>-<schema id>.ndjson.gz`, one row per line.
 * The rows depend on the options alone; how gzip packs them may differ between platforms.
 */
export async function writeExport(options: ExportOptions): Promise<ShopExport> {
  const time = options.time ?? 1_719_999_999_000
  const files: string[] = []
  const tables = exportTables(options, time)
  await mkdir(options.dir, { recursive: true })
  for (const table of tables) files.push(...(await writeTable(table, options, time)))
  return { files, rows: new Map(tables.map(({ schema, count }) => [schema.table, count])) }
}

async function writeTable(table: ExportTable, options: ExportOptions, time: number): Promise<string[]> {
  const rowsPerFile = options.rowsPerFile ?? 10_000
  const files: string[] = []
  const rows = table.rows()[Symbol.iterator]()
  for (let written = 0; written < table.count; written += rowsPerFile) {
    const file = fileName(table, time, files.length)
    const lines = chunks(rows, Math.min(rowsPerFile, table.count - written), table, options.expected)
    await pipeline(Readable.from(lines), createGzip(), createWriteStream(join(options.dir, file)))
    files.push(file)
  }
  return files
}

const chunkLength = 64 * 1024

function* chunks(
  rows: Iterator<string>,
  count: number,
  { schema }: ExportTable,
  expected: ExpectedState | undefined,
): Generator<string> {
  let chunk = ''
  for (let index = 0; index < count; index++) {
    const row: string = rows.next().value
    expected?.load(schema, row)
    chunk += `${row}\n`
    if (chunk.length < chunkLength) continue
    yield chunk
    chunk = ''
  }
  if (chunk !== '') yield chunk
}

/** Digits: date and time, 9 of nanoseconds, 10 logical. */
function fileName({ schema }: ExportTable, time: number, part: number): string {
  const digits = new Date(time).toISOString().replace(/\D/g, '')
  const timestamp = `${digits.slice(0, 14)}${digits.slice(14)}000000${'0'.repeat(10)}`
  return `${timestamp}-5b0e7c1f9a3d2e48-1-2-${hex(part, 8)}-${schema.table}-${schema.modelVersion}.ndjson.gz`
}
