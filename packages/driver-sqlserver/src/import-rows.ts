import { type ChangeEvent, EdsError, isEdsError } from '@eds/core'
import { type RowText, readImage, textRiskOf, type VersionPlan } from '@eds/sql'
import type { SqlServerColumn } from './dialect.js'
import type { SqlServerTable } from './plan.js'
import type { BulkColumn } from './session.js'

type Value = string | number | bigint | boolean | null

/** The name under which a column is loaded: bulk load takes none with `]`. */
export function loadingName(name: string, index: number): string {
  return name.includes(']') ? `eds_column_${index}` : name
}

/** Columns of a table that EDS has made, in the types that go over the wire. */
export function bulkColumns({ columns, primaryKeys }: SqlServerTable): BulkColumn[] {
  return columns.map((column, index) => ({
    name: loadingName(column.name, index),
    type: bulkType(column),
    length: Number.isFinite(column.maxLength) ? column.maxLength : undefined,
    nullable: index >= primaryKeys.length,
  }))
}

function bulkType({ float, cast, collation }: SqlServerColumn): BulkColumn['type'] {
  if (float) return 'float'
  if (collation !== undefined) return 'text'
  return cast === 'BIT' ? 'bit' : 'bigint'
}

const toValue: Readonly<Record<BulkColumn['type'], (text: string) => Value>> = {
  text: (text) => text,
  float: Number,
  int: Number,
  bigint: BigInt,
  bit: (text) => text === '1',
}

/** Turns the rows of an import into what TDS bulk load takes, for a new table. */
export class ImportRows {
  readonly columns: readonly BulkColumn[]
  readonly #plan: SqlServerTable
  readonly #version: VersionPlan
  readonly #texts: RowText
  /** Rows so far. */
  count = 0
  /** What ended the rows early, if anything did. */
  fault: unknown

  constructor(plan: SqlServerTable, modelVersion: string) {
    const version = plan.versions.get(modelVersion)
    if (version === undefined) throw new TypeError(`version ${modelVersion} is not part of the plan`)
    this.columns = bulkColumns(plan)
    this.#plan = plan
    this.#version = version
    this.#texts = new Array(plan.columns.length).fill(undefined)
  }

  /** @throws EdsError `record` with the index of the row that does not fit. */
  async *of(chunks: AsyncIterable<readonly ChangeEvent[]>): AsyncGenerator<Value[]> {
    try {
      for await (const rows of chunks) {
        for (const row of rows) {
          yield this.#values(row)
          this.count++
        }
      }
    } catch (error) {
      this.fault = error
      throw error
    }
  }

  #values(row: ChangeEvent): Value[] {
    try {
      readImage(this.#texts, row, row.after ?? {}, this.#version, textRiskOf(row))
    } catch (error) {
      if (!isEdsError(error)) throw error
      throw new EdsError(error.code, error.message, { index: this.count, table: this.#plan.table, cause: error })
    }
    return this.columns.map(({ type }, index) => {
      const text = this.#texts[index] ?? this.#plan.columns[index]?.nullText
      return text === undefined ? null : toValue[type](text)
    })
  }
}
