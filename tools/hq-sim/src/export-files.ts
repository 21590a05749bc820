import { createReadStream } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import type { ExportSettings } from './export-settings.js'

/** One file of an export. */
export interface ExportFile {
  readonly name: string
  readonly table: string
  readonly size: number
  /** Opens it; `bytes` limits how many are read. */
  open(bytes?: number): Readable
}

/** `<33 digits>-<hex>-<…>-<table>-<schema id>.ndjson.gz`: the digits are date and time, 9 of nanoseconds, 10 logical. */
const namePattern = /^(\d{33})-\w+-[\w-]+-([a-z0-9_]+)-(\w+)\.ndjson\.gz$/

/** Name of a file of an export made at `time` (epoch milliseconds). */
export function exportFileName(table: string, modelVersion: string, time: number, part: number): string {
  const digits = new Date(time).toISOString().replace(/\D/g, '')
  const timestamp = `${digits}000000${'0'.repeat(10)}`
  const number = part.toString(16).padStart(8, '0')
  return `${timestamp}-1d9a6f27c04be853-1-2-${number}-${table}-${modelVersion}.ndjson.gz`
}

/** A name → its table and its time in nanoseconds; undefined for a file that is none of an export. */
export function parseExportFileName(name: string): { readonly table: string; readonly time: bigint } | undefined {
  const [, digits, table] = namePattern.exec(name) ?? []
  if (digits === undefined || table === undefined) return undefined
  const date = digits.replace(/^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d).*$/, '$1-$2-$3T$4:$5:$6Z')
  return { table, time: BigInt(Date.parse(date)) * 1_000_000n + BigInt(digits.slice(14, 23)) }
}

/** The files of a folder that are named as exports are. */
export async function directoryFiles(directory: string): Promise<ExportFile[]> {
  const named = (await readdir(directory)).sort().flatMap((name) => {
    const parsed = parseExportFileName(name)
    return parsed === undefined ? [] : [{ name, table: parsed.table, path: join(directory, name) }]
  })
  return Promise.all(
    named.map(async ({ name, table, path }) => {
      const { size } = await stat(path)
      return { name, table, size, open: (bytes = size) => createReadStream(path, { end: bytes - 1 }) }
    }),
  )
}

/** The files of rows given in the settings. A table of no rows gets one empty file. */
export function rowFiles(
  { rows = {}, filesPerTable = 2, time = 1_719_999_999_000 }: ExportSettings,
  modelVersion: (table: string) => string,
): ExportFile[] {
  return Object.entries(rows).flatMap(([table, list]) =>
    slices(list, filesPerTable).map((slice, part) => {
      const text = slice.map((row) => `${typeof row === 'string' ? row : JSON.stringify(row)}\n`).join('')
      const name = exportFileName(table, modelVersion(table), time, part)
      return memoryFile(name, table, gzipSync(text))
    }),
  )
}

function memoryFile(name: string, table: string, content: Buffer): ExportFile {
  const open = (bytes = content.length) => Readable.from([content.subarray(0, bytes)])
  return { name, table, size: content.length, open }
}

function slices<Row>(rows: readonly Row[], count: number): (readonly Row[])[] {
  const size = Math.max(1, Math.ceil(rows.length / count))
  const starts = Array.from({ length: Math.max(1, Math.ceil(rows.length / size)) }, (_, index) => index * size)
  return starts.map((start) => rows.slice(start, start + size))
}
