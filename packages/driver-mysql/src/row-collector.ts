import type { ColumnSet, RowText, RowWriter, TextRisk } from '@eds/sql'
import type { MysqlTable } from './plan.js'

/** One row on its way to the server. */
export interface SentRow {
  /** Of the event that it comes from. */
  readonly index: number
  readonly position: string
  /** By index of the column; only the key of a row that is deleted. */
  readonly texts: RowText
}

/** Collects the rows of one table: those to delete, and those of each column set. */
export class RowCollector implements RowWriter {
  readonly plan: MysqlTable
  readonly removed: SentRow[] = []
  readonly changed = new Map<ColumnSet, SentRow[]>()
  #lastSet: ColumnSet | undefined
  #lastRows: SentRow[] = []

  constructor(plan: MysqlTable) {
    this.plan = plan
  }

  remove(texts: RowText, index: number, _risk: TextRisk, position: string): void {
    this.removed.push({ index, position, texts: texts.slice(0, this.plan.primaryKeys.length) })
  }

  put(set: ColumnSet, texts: RowText, index: number, _risk: TextRisk, position: string): void {
    if (set !== this.#lastSet) {
      this.#lastSet = set
      this.#lastRows = this.changed.get(set) ?? []
      this.changed.set(set, this.#lastRows)
    }
    this.#lastRows.push({ index, position, texts: texts.slice() })
  }
}
