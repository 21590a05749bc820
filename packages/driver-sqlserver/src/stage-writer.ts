import { createHash } from 'node:crypto'
import { EdsError } from '@eds/core'
import type { ColumnSet, RowText, RowWriter, TextRisk } from '@eds/sql'
import type { SqlServerTable } from './plan.js'
import type { StageLayout, StageRow } from './stage.js'
import {
  buryStatements,
  canInsertTogether,
  deleteStatement,
  insertStatement,
  missingStatement,
  updateStatement,
} from './statements.js'
import type { Statement } from './work.js'

/** Longer keys stand in the tombstones by their hash. */
const maxTombstoneKey = 300

/** Makes the stage's rows of one table. */
export class StageWriter implements RowWriter {
  readonly #plan: SqlServerTable
  readonly #rows: StageRow[]
  readonly #width: number
  /** Column of the table → place in the stage's row. */
  readonly #places: readonly number[]
  readonly #sets = new Set<ColumnSet>()
  readonly #removed = new Set<string>()
  readonly #written = new Set<string>()
  #lastSet: ColumnSet | undefined

  /** Adds to `rows`. */
  constructor(plan: SqlServerTable, layout: StageLayout, rows: StageRow[]) {
    this.#plan = plan
    this.#rows = rows
    const head = layout.guard ? 4 : 2
    this.#width = head + layout.texts + layout.floats
    this.#places = plan.slots.map((slot) => head + (slot.startsWith('f') ? layout.texts : 0) + Number(slot.slice(1)))
  }

  remove(texts: RowText, index: number, _risk: TextRisk, position: string): void {
    this.#claim(this.#removed, texts, index)
    this.#write(this.#plan.deleteId, texts, index, position)
  }

  put(set: ColumnSet, texts: RowText, index: number, _risk: TextRisk, position: string): void {
    this.#claim(this.#written, texts, index)
    if (set !== this.#lastSet) {
      this.#lastSet = set
      this.#sets.add(set)
    }
    this.#write(set.id, texts, index, position)
  }

  /**
   * What is to be done with the rows, in at most six statements (more where the table has defaults of its own). Deletes first: a row
   * that is deleted and made again in one batch has both.
   */
  statements(): Statement[] {
    const plan = this.#plan
    const texts: string[] = []
    if (this.#removed.size > 0) texts.push(deleteStatement(plan), ...(plan.guard ? buryStatements(plan) : []))
    const sets = [...this.#sets]
    const update = sets.length === 0 ? undefined : updateStatement(plan, sets)
    if (update !== undefined) texts.push(update)
    const insertable = sets.filter((set) => set.insertable)
    const together = canInsertTogether(plan, insertable) ? [insertable] : insertable.map((set) => [set])
    for (const some of together) if (some.length > 0) texts.push(insertStatement(plan, some))
    const others = sets.filter((set) => !set.insertable)
    if (others.length > 0) texts.push(missingStatement(plan, others))
    return texts.map((text) => ({ table: plan.table, text }))
  }

  #write(mark: number, texts: RowText, index: number, position: string): void {
    const { columns, guard } = this.#plan
    const row: StageRow = new Array(this.#width).fill(null)
    row[0] = mark
    row[1] = index
    if (guard) {
      row[2] = position
      row[3] = tombstoneKey(this.#keyTexts(texts))
    }
    for (let column = 0; column < texts.length; column++) {
      const text = texts[column]
      if (text === null || text === undefined) continue
      row[this.#places[column] as number] = columns[column]?.float ? Number(text) : text
    }
    this.#rows.push(row)
  }

  /** Two rows of the source that are one to the server would overwrite each other unseen. */
  #claim(taken: Set<string>, texts: RowText, index: number): void {
    const key = this.#keyTexts(texts).join('\u0000')
    const folded = this.#plan.looseKeys ? key.toLowerCase() : key
    if (taken.has(folded)) {
      throw new EdsError(
        'record',
        `two rows of table "${this.#plan.table}" have keys that are one to SQL Server: ${JSON.stringify(key)}`,
        {
          index,
          table: this.#plan.table,
          fix: 'give the key column a binary collation, or correct the key at its source, then retry the dead letter',
        },
      )
    }
    taken.add(folded)
  }

  #keyTexts(texts: RowText): string[] {
    return texts.slice(0, this.#plan.primaryKeys.length).map(String)
  }
}

/** The key as one text: as it is written to the columns, so that `01` and `1` in a BIGINT column are one. */
function tombstoneKey(keys: readonly string[]): string {
  const text = JSON.stringify(keys)
  if (text.length <= maxTombstoneKey) return text
  return `sha256:${createHash('sha256').update(text).digest('hex')}`
}
