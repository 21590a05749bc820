import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { usageError } from '../exit-codes.js'
import { writePrivateFile } from '../host/data-directory.js'

const exportedTable = z.object({
  files: z.array(z.string()),
  cursor: z.string(),
  error: z.string().optional(),
})
const exportRecord = z.object({
  jobId: z.string(),
  isComplete: z.boolean(),
  tables: z.record(z.string(), exportedTable),
})

/** A table of an export that is done with: its files, or why there are none. */
export interface ExportedTable {
  /** Base names. */
  readonly files: readonly string[]
  /** The export holds what was there at this time, nanoseconds since the epoch; empty when HQ did not say. */
  readonly cursor: string
  readonly error?: string | undefined
}

/** What belongs to an export: kept beside its files, so that a folder of half of them is not taken for the whole. */
export interface ExportRecord {
  readonly jobId: string
  /** False: HQ was still exporting. */
  readonly isComplete: boolean
  readonly tables: Readonly<Record<string, ExportedTable>>
}

export const exportRecordName = 'export.json'

/** The record in a folder of exported files; `undefined` when they were not downloaded by this program. */
export async function readExportRecord(directory: string): Promise<ExportRecord | undefined> {
  const path = join(directory, exportRecordName)
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw usageError(`cannot read ${path} (${error.code})`)
  })
  if (text === undefined) return undefined
  try {
    return exportRecord.parse(JSON.parse(text))
  } catch {
    throw usageError(`${path} is not what this program wrote`, 'remove it to take the files as they are')
  }
}

export async function writeExportRecord(directory: string, record: ExportRecord): Promise<void> {
  await writePrivateFile(join(directory, exportRecordName), `${JSON.stringify(record, undefined, 2)}\n`)
}

/** When a table was exported, epoch milliseconds; `undefined` when HQ did not say. */
export function cursorTime(cursor: string): number | undefined {
  return /^\d{7,}$/.test(cursor) ? Number(cursor.slice(0, -6)) : undefined
}
