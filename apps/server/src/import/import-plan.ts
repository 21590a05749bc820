import { readdir, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import xxhash from 'xxhash-wasm'
import { usageError } from '../exit-codes.js'
import { parseExportFile } from './export-file.js'
import type { RowSource } from './row-event.js'

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
  /** When the oldest of the files was exported, epoch milliseconds: changes made before it are in the files. */
  readonly exportedAt: number
}

export interface ImportPlan {
  /** By name. */
  readonly tables: readonly TableImport[]
  readonly files: readonly ImportFile[]
  /** Names in the folder that are no exported files. */
  readonly ignored: readonly string[]
}

/**
 * Finds the exported files of a folder.
 *
 * @param only - the tables wanted; empty: all
 * @throws CommandFailure (exit code 3) when the folder cannot be read or holds nothing of what is wanted.
 */
export async function planImport(directory: string, only: readonly string[]): Promise<ImportPlan> {
  const names = (await list(directory)).sort()
  const exports = names.flatMap((name) => parseExportFile(name) ?? [])
  const tables = [...new Set(exports.map(({ table }) => table))].sort()
  if (tables.length === 0) {
    const fix = 'their names end in -<table>-<schema>.ndjson.gz and begin with 33 digits'
    throw usageError(`${directory} holds no exported files`, fix)
  }
  const missing = only.filter((table) => !tables.includes(table))
  if (missing.length > 0) throw usageError(`no file for ${missing.join(', ')}`, `there are ${tables.join(', ')}`)
  const wanted = exports.filter(({ table }) => only.length === 0 || only.includes(table))
  const { h64ToString } = await xxhash()
  const files = await Promise.all(
    wanted.map(async (file, index): Promise<ImportFile> => {
      const path = join(directory, file.name)
      return { ...file, index, id: h64ToString(basename(file.name)), path, bytes: (await stat(path)).size }
    }),
  )
  const known = new Set(exports.map(({ name }) => name))
  return { tables: byTable(files), files, ignored: names.filter((name) => !known.has(name)) }
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

function byTable(files: readonly ImportFile[]): TableImport[] {
  const tables = groupByTable(files)
  return [...tables]
    .map(([table, own]) => ({ table, files: own, exportedAt: Math.min(...own.map(({ timestamp }) => timestamp)) }))
    .sort((left, right) => (left.table < right.table ? -1 : 1))
}

function groupByTable(files: readonly ImportFile[]): Map<string, ImportFile[]> {
  const tables = new Map<string, ImportFile[]>()
  for (const file of files) {
    const known = tables.get(file.table)
    if (known) known.push(file)
    else tables.set(file.table, [file])
  }
  return tables
}
