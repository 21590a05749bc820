import { type ChangeEvent, EdsError, isEdsError } from '@eds/core'
import { noRisk, positionText, type RowText, readImage, textRiskOf, type VersionPlan } from '@eds/sql'
import { quotedGuardColumn } from './dialect.js'
import type { MysqlTable } from './plan.js'

/** Rows are handed to the server in pieces of about this size. */
const chunkCharacters = 128 * 1024

const special = /[\\\t\n\0]/
const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\0': '\\0' }

/** Text as it stands between two tabs of a line. */
export function escapeLineText(text: string): string {
  return special.test(text) ? text.replace(/[\\\t\n\0]/g, (character) => escapes[character] ?? character) : text
}

/** Reads lines of {@link ImportLines}; the file's name means nothing, because the client is asked for the data. */
export function loadStatement({ target, columns, guard }: MysqlTable): string {
  const takesText = (placeholder: string) => placeholder === '?'
  const names = columns.map(({ quoted, placeholder }, index) => (takesText(placeholder) ? quoted : `@v${index}`))
  if (guard) names.push(quotedGuardColumn)
  const assigned = columns.flatMap(({ quoted, placeholder }, index) =>
    takesText(placeholder) ? [] : [`${quoted} = ${placeholder.replace('?', `@v${index}`)}`],
  )
  return (
    `LOAD DATA LOCAL INFILE 'rows' INTO TABLE ${target} CHARACTER SET utf8mb4 ` +
    `FIELDS TERMINATED BY '\\t' ESCAPED BY '\\\\' LINES TERMINATED BY '\\n' (${names.join(', ')})` +
    (assigned.length === 0 ? '' : ` SET ${assigned.join(', ')}`)
  )
}

/** Turns the rows of an import into lines that `LOAD DATA` reads. */
export class ImportLines {
  readonly #plan: MysqlTable
  readonly #version: VersionPlan
  readonly #texts: RowText
  /** Rows so far. */
  count = 0

  constructor(plan: MysqlTable, modelVersion: string) {
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
    try {
      readImage(this.#texts, row, row.after ?? {}, this.#version, risk)
    } catch (error) {
      if (!isEdsError(error)) throw error
      throw new EdsError(error.code, error.message, { index: this.count, table: this.#plan.table, cause: error })
    }
    let line = ''
    for (let column = 0; column < this.#texts.length; column++) {
      const stored = this.#texts[column] ?? this.#plan.columns[column]?.nullText
      if (column > 0) line += '\t'
      line += stored === undefined ? '\\N' : risk === noRisk ? stored : escapeLineText(stored)
    }
    return `${line}${this.#plan.guard ? `\t${positionText(row)}` : ''}\n`
  }
}
