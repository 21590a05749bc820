import type { LiveRow, LiveTable, LiveVersion } from './live-table.js'

/** JSON text of a row with all columns of a version; a column that the row never had is null. `extra` is put behind, with its comma. */
export function fullImage(table: LiveTable, row: LiveRow, version: LiveVersion, extra: string): string {
  const { prefixes } = table
  let text = `{${prefixes[0]}${row.values[0] ?? 'null'}`
  for (let index = 1; index < version.columnCount; index++) text += `,${prefixes[index]}${row.values[index] ?? 'null'}`
  return `${text}${extra}}`
}

/** JSON text of a row with these columns only. */
export function partialImage(table: LiveTable, row: LiveRow, indexes: readonly number[]): string {
  return `{${indexes.map((index) => `${table.prefixes[index]}${row.values[index] ?? 'null'}`).join(',')}}`
}
