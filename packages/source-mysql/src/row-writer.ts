import type { CapturedTable } from './column.js'
import { jsonWriter, type ValueText } from './value-json.js'

/** One row image: values by column, in the order of the table's columns; `undefined` where the capture has none. */
export type RowImage = readonly (ValueText | undefined)[]

/** Writes rows of one version of a table as JSON text. */
export class RowWriter {
  readonly table: CapturedTable
  readonly #columns: readonly { readonly label: string; readonly write: (text: string) => string }[]
  readonly #keyAt: readonly number[]

  constructor(table: CapturedTable) {
    this.table = table
    this.#columns = table.columns.map((column) => ({
      label: `${JSON.stringify(column.name)}:`,
      write: jsonWriter(column),
    }))
    this.#keyAt = table.primaryKeys.map((key) => table.columns.findIndex(({ name }) => name === key))
  }

  /** The image as a JSON object. Throws a `TypeError` that names the column at fault. */
  row(image: RowImage): string {
    let text = '{'
    for (const [index, { label, write }] of this.#columns.entries()) {
      const value = image[index]
      if (value === undefined) continue
      if (text.length > 1) text += ','
      text += label + (value === null ? 'null' : this.#value(index, write, value))
    }
    return `${text}}`
  }

  /** The primary-key values as text, as they stand in the row. */
  key(image: RowImage): string[] {
    return this.#keyAt.map((at) => {
      const value = image[at]
      const column = this.#columns[at]
      if (value === null || value === undefined || column === undefined) {
        throw new TypeError(`the key of "${this.table.name}" is missing`)
      }
      const json = this.#value(at, column.write, value)
      return json.startsWith('"') ? String(JSON.parse(json)) : json
    })
  }

  /** Names of the columns that differ. */
  changes(before: RowImage, after: RowImage): string[] {
    return this.table.columns.filter((_, index) => before[index] !== after[index]).map(({ name }) => name)
  }

  #value(index: number, write: (text: string) => string, value: string): string {
    try {
      return write(value)
    } catch (error) {
      const name = this.table.columns[index]?.name
      throw new TypeError(`column "${name}": ${error instanceof Error ? error.message : String(error)}`)
    }
  }
}
