import { type ChangeEvent, EdsError, isEdsError, type JsonValue, parseJson } from '@eds/core'
import {
  guardColumn,
  isOrdinaryInstant,
  MemberScanner,
  memberKind,
  noRisk,
  positionText,
  type RowText,
  readImage,
  type ToText,
  textRiskOf,
  toBigInteger,
  toNormalInteger,
  toPlainText,
  toSmallInteger,
  toTimestampWithZone,
  UnfitValue,
  type VersionPlan,
} from '@eds/sql'
import { escapeCopyText } from './copy-buffer.js'
import type { PostgresColumn } from './dialect.js'
import { LineBuffer } from './line-buffer.js'
import type { PostgresTable } from './plan.js'
import { toBoolean, toDouble, toJsonb } from './values.js'

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
  readonly #scanner: MemberScanner
  readonly #buffer = new LineBuffer(chunkBytes)
  /** Rows so far. */
  count = 0

  constructor(plan: PostgresTable, modelVersion: string) {
    const version = plan.versions.get(modelVersion)
    if (version === undefined) throw new TypeError(`version ${modelVersion} is not part of the plan`)
    this.#plan = plan
    this.#version = version
    this.#texts = new Array(plan.columns.length).fill(undefined)
    this.#scanner = new MemberScanner(plan.columns.map(({ name }) => name))
  }

  /** @throws EdsError `record` with the index of the row that does not fit. */
  async *of(chunks: AsyncIterable<readonly ChangeEvent[]>): AsyncGenerator<Buffer> {
    const buffer = this.#buffer
    for await (const rows of chunks) {
      for (const row of rows) {
        const { afterBytes } = row
        buffer.begin()
        if (afterBytes === undefined || !this.#copyColumns(bufferOf(afterBytes))) {
          buffer.undo()
          buffer.text(this.#line(row))
        }
        if (this.#plan.guard) buffer.text(`\t${positionText(row)}`)
        buffer.end()
        this.count++
        if (buffer.length >= chunkBytes) yield buffer.take()
      }
    }
    if (buffer.length > 0) yield buffer.take()
  }

  /** Writes most values as they stand in the JSON text. False when the row is to be looked at as a whole: something is wrong with it. */
  #copyColumns(bytes: Buffer): boolean {
    if (!this.#scanner.scan(bytes)) return false
    const { columns, primaryKeys } = this.#plan
    const { kinds } = this.#scanner
    for (let index = 0; index < columns.length; index++) {
      const column = columns[index] as PostgresColumn
      const kind = this.#version.includes[index] ? (kinds[index] as number) : memberKind.absent
      if (index > 0) this.#buffer.tab()
      if (index < primaryKeys.length && !isScalar(kind)) return false
      if (kind <= memberKind.null) {
        if (kind === memberKind.null && column.refusesNull) return false
        this.#buffer.text(column.nullText === undefined ? '\\N' : escapeCopyText(column.nullText))
      } else if (!this.#copyValue(bytes, index, kind, column)) return false
    }
    return true
  }

  #copyValue(bytes: Buffer, index: number, kind: number, column: PostgresColumn): boolean {
    const isString = kind === memberKind.string
    const start = (this.#scanner.starts[index] as number) + (isString ? 1 : 0)
    const end = (this.#scanner.ends[index] as number) - (isString ? 1 : 0)
    if (isCopied(column, kind, bytes, start, end)) {
      // Of a boolean the first letter will do.
      this.#buffer.bytes(bytes, start, kind === memberKind.true || kind === memberKind.false ? start + 1 : end)
      return true
    }
    const written = bytes.toString('utf8', start, end)
    const text = this.#textOf(written, kind, column)
    if (text === undefined) return false
    if (isString && text === written) this.#buffer.bytes(bytes, start, end)
    else this.#buffer.text(escapeCopyText(text))
    return true
  }

  /** `undefined` when the value does not fit, for reasons that are found out elsewhere. */
  #textOf(written: string, kind: number, column: PostgresColumn): string | undefined {
    try {
      const text = column.toText(jsonValue(written, kind), column)
      return kind >= memberKind.escaped && this.#plan.textFault(text) !== undefined ? undefined : text
    } catch (error) {
      if (error instanceof UnfitValue || error instanceof SyntaxError || isEdsError(error)) return undefined
      throw error
    }
  }

  #line(row: ChangeEvent): string {
    const texts = this.#texts
    let risk: ReturnType<typeof textRiskOf>
    try {
      risk = textRiskOf(row)
      readImage(texts, row, row.after ?? {}, this.#version, risk)
    } catch (error) {
      if (!isEdsError(error)) throw error
      throw new EdsError(error.code, error.message, { index: this.count, table: this.#plan.table, cause: error })
    }
    const { columns, addsBackslashes } = this.#plan
    const plain = risk === noRisk && !addsBackslashes
    let line = ''
    for (let column = 0; column < columns.length; column++) {
      if (column > 0) line += '\t'
      const text = texts[column] ?? columns[column]?.nullText
      if (text === undefined) line += '\\N'
      else line += plain ? text : escapeCopyText(text)
    }
    return line
  }
}

function isScalar(kind: number): boolean {
  return kind > memberKind.null && kind !== memberKind.strings && kind < memberKind.nested
}

/** Digits (with sign and point) that these conversions leave as they are, or write in another way for the same number. */
const copiedDigits = new Map<ToText, number>([
  [toBigInteger, 18],
  [toNormalInteger, 9],
  [toSmallInteger, 4],
  [toDouble, 15],
])

/** Whether a value that is written so gets into the column just as it is. */
function isCopied(
  { toText, maxLength }: PostgresColumn,
  kind: number,
  bytes: Buffer,
  start: number,
  end: number,
): boolean {
  const length = end - start
  switch (kind) {
    case memberKind.string:
      if (toText === toTimestampWithZone) return isOrdinaryInstant(bytes, start, end)
      return toText === toPlainText && length <= maxLength
    case memberKind.strings:
      return toText === toJsonb || (toText === toPlainText && length <= maxLength)
    case memberKind.integer:
      return length <= (copiedDigits.get(toText) ?? 0)
    case memberKind.decimal:
      return toText === toDouble && length <= 15
    case memberKind.true:
    case memberKind.false:
      return toText === toBoolean
    case memberKind.nested:
      // The server says when it is no JSON.
      return toText === toJsonb
    default:
      return false
  }
}

function jsonValue(json: string, kind: number): JsonValue {
  if (kind === memberKind.string) return json
  if (kind === memberKind.escaped) return JSON.parse(json) as string
  // Exact numbers are looked for within lists and objects only.
  const [value = null] = parseJson(`[${json}]`) as JsonValue[]
  return value
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
