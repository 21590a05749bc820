import { EdsError } from '@eds/core'
import type { TableExport } from '@eds/hq'
import { parseExportFile } from '../export-file.js'

/** Base name → presigned URL of the files of a table. */
export type FileUrls = ReadonlyMap<string, string>

/**
 * The files of an exported table, by the last part of their URLs' paths.
 *
 * @throws EdsError `unknown` when a name is not that of an exported file of this table. Quotes no URL: they are secrets.
 */
export function filesOf(table: string, { urls }: Pick<TableExport, 'urls'>): FileUrls {
  return new Map(urls.map((url) => [nameOf(url, table), url]))
}

function nameOf(url: string, table: string): string {
  const name = URL.canParse(url) ? (new URL(url).pathname.split('/').at(-1) ?? '') : ''
  const file = parseExportFile(decoded(name))
  if (file?.table === table) return file.name
  throw new EdsError(
    'unknown',
    `HQ exported ${table} into a file whose name is not understood: ${JSON.stringify(name)}`,
  )
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name)
  } catch {
    return name
  }
}
