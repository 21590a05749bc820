import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import xxhash from 'xxhash-wasm'
import { usageError } from '../exit-codes.js'
import type { ImportFile, ImportPlan } from '../import/import-plan.js'

const pattern = /^([^.].*?)(?:\.ndjson|\.jsonl|\.json)(?:\.gz)?$/

/**
 * Finds the files that the older generation imports: `<table>.json.gz`, JSON lines, packed or not. When they were exported nobody
 * says: their rows carry the time of the import.
 *
 * @throws CommandFailure (exit code 3) when the folder cannot be read or holds none.
 */
export async function planOlderImport(directory: string, now: number): Promise<ImportPlan> {
  const names = (await list(directory)).sort()
  const found = names.flatMap((name) => {
    const table = pattern.exec(name)?.[1]
    return table === undefined ? [] : [{ name, table }]
  })
  if (found.length === 0) throw usageError(`${directory} holds no files such as order.json.gz`)
  const { h64ToString } = await xxhash()
  const files = await Promise.all(
    found.map(async ({ name, table }, index): Promise<ImportFile> => {
      const path = join(directory, name)
      const { size } = await stat(path)
      const times = { timestamp: now, mvccTimestamp: `${now}000000.0000000000` }
      return { name, table, ...times, index, id: h64ToString(name), path, bytes: size }
    }),
  )
  const tables = [...new Set(files.map(({ table }) => table))].map((table) => ({
    table,
    files: files.filter((file) => file.table === table),
    exportedAt: now,
  }))
  return { tables, files, ignored: names.filter((name) => !found.some((file) => file.name === name)) }
}

async function list(directory: string): Promise<string[]> {
  try {
    return await readdir(directory)
  } catch (error) {
    throw usageError(
      `cannot read the folder ${directory} (${(error as NodeJS.ErrnoException).code})`,
      'check --importer',
    )
  }
}
