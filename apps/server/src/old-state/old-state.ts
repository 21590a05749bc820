import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Logger, StateStore } from '@eds/core'
import { z } from 'zod'
import { usageError } from '../exit-codes.js'
import { readImportTimes, writeImportTimes } from '../host/import-times.js'
import { readAppendOnlyFile } from './append-only-file.js'

const fileName = 'eds-data.db'
const exportsKey = 'table-export'

/** A time as the former server wrote it, RFC 3339, or epoch milliseconds. */
const moment = z.union([
  z.number().int().nonnegative(),
  z.string().transform((text, context) => {
    const time = Date.parse(text)
    if (!Number.isNaN(time)) return time
    context.addIssue('must be a time')
    return z.NEVER
  }),
])
const tableExports = z.array(z.object({ Table: z.string().min(1), Timestamp: moment }))

/**
 * When each table was exported that the former EDS server imported: table → epoch milliseconds. Empty when there is no such file.
 *
 * @throws CommandFailure (exit code 3) when there is one that cannot be read: going on without it would import everything again.
 */
export async function readOldImportTimes(dataDirectory: string): Promise<ReadonlyMap<string, number>> {
  const path = join(dataDirectory, fileName)
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined
    throw unreadable(path, error.code ?? error.message)
  })
  if (bytes === undefined) return new Map()
  try {
    const stored = readAppendOnlyFile(bytes).get(exportsKey)
    if (stored === undefined) return new Map()
    const entries = tableExports.parse(JSON.parse(stored))
    return new Map(entries.map(({ Table, Timestamp }) => [Table, Timestamp]))
  } catch (error) {
    throw unreadable(path, error instanceof z.ZodError ? `${exportsKey} has another form` : (error as Error).message)
  }
}

/**
 * Takes over, once, what the former EDS server remembers of its imports, so that nothing is imported again and no event is applied
 * that an import has brought. What EDS itself has imported since wins. Later changes of the old file are not looked at.
 */
export async function adoptOldState(
  dataDirectory: string,
  state: StateStore,
  sink: string,
  logger: Pick<Logger, 'info'>,
): Promise<void> {
  const marks = state.namespace('old-state')
  if ((await marks.get('adopted')) !== undefined) return
  const own = await readImportTimes(state, sink)
  const old = await readOldImportTimes(dataDirectory)
  const missing = [...old].filter(([table]) => !own.has(table))
  if (missing.length > 0) {
    await writeImportTimes(state, sink, new Map(missing))
    logger.info(
      { tables: missing.length },
      `${fileName} tells of ${missing.length} imported tables; they stay imported`,
    )
  }
  await marks.write({ adopted: new Date().toISOString() })
}

function unreadable(path: string, reason: string): Error {
  return usageError(`cannot read ${path} of the former server: ${reason}`, 'move it away to begin without it')
}
