import { type ChangeEvent, EdsError, isEdsError } from '@eds/core'
import { guardColumn, noRisk, positionText, type RowText, readImage, textRiskOf, type VersionPlan } from '@eds/sql'
import { escapeCopyText } from './copy-buffer.js'
import type { PostgresTable } from './plan.js'

/** Rows are handed to the server in pieces of about this size (measured: smaller and larger ones are slower). */
const chunkBytes = 64 * 1024

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
    let buffer = Buffer.allocUnsafeSlow(chunkBytes)
    let length = 0
    for await (const rows of chunks) {
      for (const row of rows) {
        const line = this.#line(row)
        this.count++
        // A UTF-16 code unit takes at most three bytes of UTF-8.
        const needed = line.length * 3
        if (length + needed > buffer.length) {
          if (length > 0) yield buffer.subarray(0, length)
          // The one that was handed over is still being sent.
          buffer = Buffer.allocUnsafeSlow(Math.max(chunkBytes, needed))
          length = 0
        }
        length += buffer.write(line, length, 'utf8')
      }
    }
    if (length > 0) yield buffer.subarray(0, length)
  }

  #line(row: ChangeEvent): string {
    const risk = textRiskOf(row)
    const texts = this.#texts
    try {
      readImage(texts, row, row.after ?? {}, this.#version, risk)
    } catch (error) {
      if (!isEdsError(error)) throw error
      throw new EdsError(error.code, error.message, { index: this.count, table: this.#plan.table, cause: error })
    }
    const { columns, addsBackslashes, guard } = this.#plan
    const plain = risk === noRisk && !addsBackslashes
    let line = ''
    for (let column = 0; column < columns.length; column++) {
      if (column > 0) line += '\t'
      const text = texts[column] ?? columns[column]?.nullText
      if (text === undefined) line += '\\N'
      else line += plain ? text : escapeCopyText(text)
    }
    return guard ? `${line}\t${positionText(row)}\n` : `${line}\n`
  }
}
