import type { ResultSink } from '../engine/execute.js'
import type { ResultColumn } from '../engine/select.js'
import type { SqlError } from '../engine/sql-error.js'
import type { Row } from '../engine/table.js'
import type { Name } from '../sql/ast.js'
import { ByteWriter } from './byte-writer.js'
import { writeColumnType } from './column-type.js'
import {
  type Done,
  doneToken,
  environment,
  writeDone,
  writeError,
  writeReset,
  writeReturnStatus,
  writeTransactionChange,
} from './tokens.js'
import { writeValue } from './write-value.js'

const token = { columns: 0x81, row: 0xd1, nullableRow: 0xd2 } as const
const nullableFlag = 0x01

/** Writes the answer to one request. A DONE is held back until it is known whether more follows. */
export class Response implements ResultSink {
  readonly writer = new ByteWriter()
  readonly #inProcedure: boolean
  readonly #onError: (error: SqlError) => void
  #held: Done | undefined
  /** Where the rows of a bulk load go. */
  bulkTarget: { readonly table: Name; readonly columns: readonly string[] } | undefined

  constructor(options: { inProcedure: boolean; reset: boolean; onError: (error: SqlError) => void }) {
    this.#inProcedure = options.inProcedure
    this.#onError = options.onError
    if (options.reset) writeReset(this.writer)
  }

  result(columns: readonly ResultColumn[], rows: readonly Row[]): void {
    this.#release()
    this.writer.uint8(token.columns).uint16(columns.length)
    for (const column of columns) {
      this.writer.uint32(0).uint16(nullableFlag)
      writeColumnType(this.writer, column.type)
      this.writer.shortText(column.name)
    }
    for (const row of rows) this.#row(columns, row)
  }

  #row(columns: readonly ResultColumn[], row: Row): void {
    const nulls = row.map((value) => value === null)
    const compressed = nulls.filter(Boolean).length > 1
    this.writer.uint8(compressed ? token.nullableRow : token.row)
    if (compressed) this.writer.raw(bitmapOf(nulls))
    for (const [index, column] of columns.entries()) {
      if (!compressed || nulls[index] !== true) writeValue(this.writer, row[index] ?? null, column.type)
    }
  }

  done(rowCount?: number): void {
    this.#hold(rowCount === undefined ? {} : { rowCount })
  }

  error(error: SqlError): void {
    this.#onError(error)
    this.#release()
    writeError(this.writer, error)
    this.#hold({ error: true })
  }

  /** The request was cancelled. */
  cancelled(): void {
    this.#hold({ error: true })
  }

  transaction(change: 'begin' | 'commit' | 'rollback'): void {
    this.#release()
    writeTransactionChange(this.writer, environment[change], transactionDescriptor)
  }

  bulk(table: Name, columns: readonly string[]): void {
    this.bulkTarget = { table, columns }
  }

  #hold(done: Omit<Done, 'token'>): void {
    this.#release()
    this.#held = { ...done, token: this.#inProcedure ? doneToken.inProcedure : doneToken.done }
  }

  #release(): void {
    if (this.#held) writeDone(this.writer, { ...this.#held, more: true })
    this.#held = undefined
  }

  /** Ends the answer. */
  finish(inTransaction: boolean): Buffer {
    if (this.#inProcedure) {
      this.#release()
      writeReturnStatus(this.writer, 0)
      writeDone(this.writer, { token: doneToken.procedure, inTransaction })
    } else {
      writeDone(this.writer, { token: doneToken.done, ...this.#held, inTransaction })
    }
    return this.writer.finish()
  }
}

/** One descriptor serves all: a connection has one transaction at a time. */
export const transactionDescriptor = Buffer.from([1, 0, 0, 0, 1, 0, 0, 0])

function bitmapOf(nulls: readonly boolean[]): Buffer {
  const bitmap = Buffer.alloc(Math.ceil(nulls.length / 8))
  for (const [index, isNull] of nulls.entries())
    if (isNull) bitmap[index >> 3] = (bitmap[index >> 3] ?? 0) | (1 << (index & 7))
  return bitmap
}
