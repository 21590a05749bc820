import {
  type ChangeEvent,
  EdsError,
  keyText,
  padSequence,
  parseJson,
  type Row,
  rowKeyOf,
  type TableSchema,
} from '@eds/core'
import type { ExportFile } from './export-file.js'

/** A file of the import, as its rows need it. */
export interface RowSource extends ExportFile {
  /** Place in the import, from 0. */
  readonly index: number
  /** xxHash64 of the base name, in hex: the id of all its events. */
  readonly id: string
}

/** `{file 3, line 17}` → `00000003.0000000000000017`. */
export function rowPosition(file: number, line: number): string {
  return `${String(file).padStart(8, '0')}.${padSequence(line)}`
}

/** The reverse of {@link rowPosition}, for every position in a text. */
export function namePositions(text: string, files: readonly RowSource[]): string {
  return text.replace(/(?:event )?\b(\d{8})\.(\d{16})\b/g, (match, index: string, line: string) => {
    const file = files.find((candidate) => candidate.index === Number(index))
    return file ? `${file.name}, line ${Number(line)}` : match
  })
}

/**
 * Makes the change event of an exported row: an INSERT that is marked as imported. The row's own JSON text is kept as it is.
 *
 * @throws EdsError `record` when the line is no row, or one without its primary key.
 */
export function rowEvent(
  text: string,
  line: number,
  file: RowSource,
  schema: Pick<TableSchema, 'modelVersion' | 'primaryKeys'>,
): ChangeEvent {
  const after = parseRow(text)
  const key = keyOf(after, schema.primaryKeys)
  const fields = {
    operation: 'INSERT' as const,
    id: file.id,
    table: file.table,
    key,
    modelVersion: schema.modelVersion,
    ...idsOf(after),
    timestamp: file.timestamp,
    mvccTimestamp: file.mvccTimestamp,
    imported: true,
  }
  const head = JSON.stringify(fields).slice(0, -1)
  return {
    ...fields,
    after,
    position: rowPosition(file.index, line),
    bytes: Buffer.from(`${head},"after":${text}}`),
    rowKey: rowKeyOf({ table: file.table, key, after }),
  }
}

function parseRow(text: string): Row {
  const row = parseJson(text)
  if (typeof row === 'object' && row !== null && !Array.isArray(row)) return row as Row
  throw new EdsError('record', 'the line is not a JSON object')
}

/** One column: its value alone. Several: an empty region in front, as events of the stream have one. */
function keyOf(row: Row, primaryKeys: readonly string[]): string[] {
  const values = primaryKeys.map((name) => {
    const value = keyText(row[name])
    if (value !== undefined) return value
    throw new EdsError('record', `the row has no primary key "${name}"`)
  })
  return values.length === 1 ? values : ['', ...values]
}

function idsOf(row: Row): Pick<ChangeEvent, 'companyId' | 'locationId' | 'userId'> {
  const { companyId, locationId, userId } = row
  return {
    ...(typeof companyId === 'string' && { companyId }),
    ...(typeof locationId === 'string' && { locationId }),
    ...(typeof userId === 'string' && { userId }),
  }
}
