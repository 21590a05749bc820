import type { ColumnSet } from './column-set.js'
import type { RowText } from './row-text.js'
import type { TextRisk } from './text-risk.js'

/**
 * Takes the rows of one table on their way to the server. `texts` holds the key first and is valid during the call only; `index` is
 * the event that the row comes from; `risk` says what texts may hold; `position` is the change's
 * position for a table with a guard, otherwise empty.
 */
export interface RowWriter {
  remove(texts: RowText, index: number, risk: TextRisk, position: string): void
  put(set: ColumnSet, texts: RowText, index: number, risk: TextRisk, position: string): void
}
