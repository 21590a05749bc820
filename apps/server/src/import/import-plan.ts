import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { EdsError } from '@eds/core'
import xxhash from 'xxhash-wasm'
import { usageError } from '../exit-codes.js'
import { type ExportFile, parseExportFile } from './export-file.js'
import { cursorTime, type ExportRecord, exportRecordName, readExportRecord } from './export-record.js'
import type { RowSource } from './row-event.js'
import type { TableFailure, TableFeed } from './table-feed.js'

export interface ImportFile extends RowSource {
  readonly path: string
  /** As it lies on disk. */
  readonly bytes: number
}

/** What is to be loaded into one table. */
export interface TableImport {
  readonly table: string
  /** Oldest first. */
  readonly files: readonly ImportFile[]
  /**
   * When it was exported, epoch milliseconds: changes made before are in the files. HQ's own word for it (the cursor), else the time of
   * the *oldest* file: a change made after that may be missing in that file, and what is applied twice does no harm, but what is
   * skipped is lost. `undefined` when neither says.
   */
  readonly exportedAt: number | undefined
}

export interface ImportPlan {
  /** By name. */
  readonly tables: readonly TableImport[]
  readonly files: readonly ImportFile[]
  /** Names in the folder that are no exported files. */
  readonly ignored: readonly string[]
  /** Tables that HQ could not export. */
  readonly failures?: readonly TableFailure[]
}

/**
 * Finds the exported files of a folder.
 *
 * @param only - the tables wanted; empty: all
 * @throws CommandFailure (exit code 3) when the folder cannot be read, holds nothing of what is wanted, or only a part of an export
 */
export async function planImport(directory: string, only: readonly string[]): Promise<ImportPlan> {
  const names = (await list(directory)).sort()
  const record = await readExportRecord(directory)
  if (record) demandAll(record, names, directory)
  const exports = names.flatMap((name) => parseExportFile(name) ?? [])
  const tables = [...new Set([...exports.map(({ table }) => table), ...Object.keys(record?.tables ?? {})])].sort()
  if (tables.length === 0) {
    const fix = 'their names end in -<table>-<schema>.ndjson.gz and begin with 33 digits'
    throw usageError(`${directory} holds no exported files`, fix)
  }
  const missing = only.filter((table) => !tables.includes(table))
  if (missing.length > 0) throw usageError(`no file for ${missing.join(', ')}`, `there are ${tables.join(', ')}`)
  const wanted = tables.filter((table) => only.length === 0 || only.includes(table))
  const failures = failuresOf(record, wanted)
  const failed = new Set(failures.map(({ table }) => table))
  const planned: TableImport[] = []
  for (const table of wanted.filter((name) => !failed.has(name))) {
    const own = exports.filter((file) => file.table === table).map(({ name }) => name)
    const first = planned.reduce((sum, { files }) => sum + files.length, 0)
    planned.push(
      await tableImport({ table, directory, names: own, cursor: record?.tables[table]?.cursor ?? '', first }),
    )
  }
  const known = new Set([...exports.map(({ name }) => name), exportRecordName])
  return {
    tables: planned,
    files: planned.flatMap(({ files }) => files),
    ignored: names.filter((name) => !known.has(name)),
    failures,
  }
}

export interface TableFiles {
  readonly table: string
  readonly directory: string
  /** Base names, oldest first. */
  readonly names: readonly string[]
  /** See {@link ExportRecord}. */
  readonly cursor: string
  /** Place of the first file in the import, from 0. */
  readonly first: number
}

/** What is to be loaded from files that are there. Their names must be those of exported files. */
export async function tableImport({ table, directory, names, cursor, first }: TableFiles): Promise<TableImport> {
  const { h64ToString } = await xxhash()
  const exports = names.flatMap((name): ExportFile | [] => parseExportFile(name) ?? [])
  const files = await Promise.all(
    exports.map(async (file, index): Promise<ImportFile> => {
      const path = join(directory, file.name)
      return { ...file, index: first + index, id: h64ToString(file.name), path, bytes: (await stat(path)).size }
    }),
  )
  const oldest = files.length === 0 ? undefined : Math.min(...files.map(({ timestamp }) => timestamp))
  return { table, files, exportedAt: cursorTime(cursor) ?? oldest }
}

/** A plan as tables that are all ready. */
export function feedOf({ tables, files, failures = [] }: ImportPlan): TableFeed {
  return {
    tables: tables.map(({ table }) => table),
    totalBytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
    ready: each(tables),
    failures,
  }
}

async function* each<T>(values: readonly T[]): AsyncGenerator<T, undefined> {
  yield* values
  return undefined
}

/** @throws CommandFailure when files of the export are missing */
function demandAll({ jobId, isComplete, tables }: ExportRecord, names: readonly string[], directory: string): void {
  const there = new Set(names)
  const missing = Object.values(tables).flatMap(({ files }) => files.filter((name) => !there.has(name)))
  if (isComplete && missing.length === 0) return
  const what = missing.length === 0 ? 'tables of the export are missing' : `${missing.length} files are missing`
  throw usageError(`${directory} is a part of an export only: ${what}`, `get the rest with --job-id ${jobId}`)
}

function failuresOf(record: ExportRecord | undefined, wanted: readonly string[]): TableFailure[] {
  return wanted.flatMap((table) => {
    const error = record?.tables[table]?.error
    return error === undefined ? [] : [{ table, error: new EdsError('unknown', error) }]
  })
}

async function list(directory: string): Promise<string[]> {
  try {
    return await readdir(directory)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw usageError(
      `cannot read the folder ${directory} (${code})`,
      'give the folder with the exported files by --dir',
    )
  }
}
