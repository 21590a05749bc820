import { type ChangeEvent, EdsError, isEdsError } from '@eds/core'
import { guardColumn, positionText, type RowText, readImage, textRiskOf, type VersionPlan } from '@eds/sql'
import type { SnowflakeTable } from './plan.js'

/** Turns the rows of an import into lines of JSON that COPY loads by column name. */
export class ImportRows {
  readonly #plan: SnowflakeTable
  readonly #version: VersionPlan
  readonly #texts: RowText
  /** Rows so far. */
  count = 0

  constructor(plan: SnowflakeTable, modelVersion: string) {
    const version = plan.versions.get(modelVersion)
    if (version === undefined) throw new TypeError(`version ${modelVersion} is not part of the plan`)
    this.#plan = plan
    this.#version = version
    this.#texts = new Array(plan.columns.length).fill(undefined)
  }

  /** @throws EdsError `record` with the index of the row that does not fit. */
  line(row: ChangeEvent): string {
    try {
      readImage(this.#texts, row, row.after ?? {}, this.#version, textRiskOf(row))
    } catch (error) {
      if (!isEdsError(error)) throw error
      throw new EdsError(error.code, error.message, { index: this.count, table: this.#plan.table, cause: error })
    }
    this.count++
    return `${this.#json(row)}\n`
  }

  /** Nulls are left out: a JSON null would be a value of its own in a VARIANT column. */
  #json(row: ChangeEvent): string {
    const members: string[] = []
    for (const [index, { name, bare, nullText }] of this.#plan.columns.entries()) {
      const text = this.#texts[index] ?? nullText
      if (text === undefined) continue
      members.push(`${JSON.stringify(name)}:${bare ? text : JSON.stringify(text)}`)
    }
    if (this.#plan.guard) members.push(`${JSON.stringify(guardColumn)}:${positionText(row)}`)
    return `{${members.join(',')}}`
  }
}
