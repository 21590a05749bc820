import type { ColumnSet } from './column-set.js'
import type { RowText } from './row-text.js'

/**
 * Takes the rows of one table on their way to the server. `texts` holds the key first and is valid during the call only; `index` is
 * the event that the row comes from; `plain` is false when texts may hold characters that need escaping; `position` is the change's
 * position for a table with a guard, otherwise empty.
 */
export interface RowWriter {
  remove(texts: RowText, index: number, plain: boolean, position: string): void
  put(set: ColumnSet, texts: RowText, index: number, plain: boolean, position: string): void
}
