import { type ColumnSet, noRisk, type RowText, type RowWriter, type TextRisk } from '@eds/sql'
import { type CopyBuffer, escapeCopyText } from './copy-buffer.js'
import type { PostgresTable } from './plan.js'
import { buryStatement, deleteStatement, type SentRows, updateStatement, upsertStatement } from './statements.js'
import type { Statement } from './work.js'

/**
 * The connection's temporary table. One for all tables, of text columns: each table with such a stage of its own makes every commit
 * of the session slower by its truncation (measured: 17 of them double the cost of 100 rows).
 */
export const stageTable = 'pg_temp.eds_stage'

/** `columns`: how many values a row may have. */
export function createStageStatement(columns: number): string {
  const values = Array.from({ length: columns }, (_, index) => `c${index} text`).join(', ')
  return (
    `DROP TABLE IF EXISTS ${stageTable}; ` +
    `CREATE TEMPORARY TABLE eds_stage (k int, n int, m numeric, ${values}) ON COMMIT DELETE ROWS`
  )
}

/** Writes the rows of one table as lines of COPY's text format. `k` tells deletes and column sets apart. */
export class CopyWriter implements RowWriter {
  readonly #plan: PostgresTable
  readonly #buffer: CopyBuffer
  readonly #sets = new Set<ColumnSet>()
  readonly #lines: number[] = []
  #removes = false
  #lastSet: ColumnSet | undefined

  constructor(plan: PostgresTable, buffer: CopyBuffer) {
    this.#plan = plan
    this.#buffer = buffer
  }

  remove(texts: RowText, index: number, risk: TextRisk, position: string): void {
    this.#removes = true
    this.#write(this.#plan.deleteId, texts, index, risk, position)
  }

  put(set: ColumnSet, texts: RowText, index: number, risk: TextRisk, position: string): void {
    if (set !== this.#lastSet) {
      this.#lastSet = set
      this.#sets.add(set)
    }
    this.#write(set.id, texts, index, risk, position)
  }

  #write(mark: number, texts: RowText, index: number, risk: TextRisk, position: string): void {
    const plain = risk === noRisk && !this.#plan.addsBackslashes
    let line = `${mark}\t${index}${position === '' ? '' : `\t${position}`}`
    for (let column = 0; column < texts.length; column++) {
      const text = texts[column]
      if (text === null || text === undefined) line += '\t\\N'
      else line += `\t${plain ? text : escapeCopyText(text)}`
    }
    this.#buffer.append(`${line}\n`)
    this.#lines.push(index)
  }

  /** The command that reads the lines. */
  copyStatement(): Statement {
    const { table, columns, guard } = this.#plan
    const names = columns.map((_, index) => `c${index}`).join(', ')
    const text = `COPY ${stageTable} (k, n, ${guard ? 'm, ' : ''}${names}) FROM STDIN`
    return { table, text, lines: this.#lines }
  }

  /** What is then done with them. */
  applyStatements(): Statement[] {
    const plan = this.#plan
    const texts: string[] = []
    if (this.#removes) {
      texts.push(deleteStatement(plan, staged(plan.deleteId)))
      if (plan.guard) texts.push(buryStatement(plan, staged(plan.deleteId)))
    }
    for (const set of this.#sets)
      texts.push((set.insertable ? upsertStatement : updateStatement)(plan, set, staged(set.id)))
    return texts.map((text) => ({ table: plan.table, text }))
  }
}

function staged(mark: number): SentRows {
  return { relation: `${stageTable} AS s`, where: `s.k = ${mark}` }
}
