import { type ChangeEvent, EdsError, isEdsError } from '@eds/core'
import { guardColumn, noRisk, positionText, type RowText, readImage, textRiskOf, type VersionPlan } from '@eds/sql'
import { escapeCopyText } from './copy-buffer.js'
import type { PostgresTable } from './plan.js'

/** Rows are handed to the server in pieces of about this size (measured: smaller and larger ones are slower). */
const chunkCharacters = 64 * 1024

/**
 * For a table made in the same transaction, whose rows can be written in the state that a later VACUUM would bring them into. Nobody
 * sees the table before the transaction ends.
 */
export function copyTableStatement({ target, columns, guard }: PostgresTable): string {
  const names = columns.map(({ quoted }) => quoted)
  if (guard) names.push(`"${guardColumn}"`)
  return `COPY ${target} (${names.join(', ')}) FROM STDIN WITH (FREEZE)`
}

/** Turns the rows of an import into COPY data for the table itself. */
export class ImportLines {
  readonly #plan: PostgresTable
  readonly #version: VersionPlan
  readonly #texts: RowText
  /** Rows so far. */
  count = 0

  constructor(plan: PostgresTable, modelVersion: string) {
    const version = plan.versions.get(modelVersion)
    if (version === undefined) throw new TypeError(`version ${modelVersion} is not part of the plan`)
    this.#plan = plan
    this.#version = version
    this.#texts = new Array(plan.columns.length).fill(undefined)
  }

  /** @throws EdsError `record` with the index of the row that does not fit. */
  async *of(chunks: AsyncIterable<readonly ChangeEvent[]>): AsyncGenerator<Buffer> {
    let text = ''
    for await (const rows of chunks) {
      for (const row of rows) {
        text += this.#line(row)
        this.count++
        if (text.length < chunkCharacters) continue
        yield Buffer.from(text)
        text = ''
      }
    }
    if (text !== '') yield Buffer.from(text)
  }

  #line(row: ChangeEvent): string {
    const risk = textRiskOf(row)
    const plain = risk === noRisk && !this.#plan.addsBackslashes
    try {
      readImage(this.#texts, row, row.after ?? {}, this.#version, risk)
    } catch (error) {
      if (!isEdsError(error)) throw error
      throw new EdsError(error.code, error.message, { index: this.count, table: this.#plan.table, cause: error })
    }
    const values = this.#texts.map((text, column) => {
      const stored = text ?? this.#plan.columns[column]?.nullText
      if (stored === undefined) return '\\N'
      return plain ? stored : escapeCopyText(stored)
    })
    if (this.#plan.guard) values.push(positionText(row))
    return `${values.join('\t')}\n`
  }
}
