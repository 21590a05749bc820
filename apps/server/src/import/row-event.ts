import {
  type ChangeEvent,
  EdsError,
  keyText,
  padSequence,
  parseJson,
  type Row,
  rowKeyOf,
  type TableSchema,
} from '@eds/core'
import type { ExportFile } from './export-file.js'

/** A file of the import, as its rows need it. */
export interface RowSource extends ExportFile {
  /** Place in the import, from 0. */
  readonly index: number
  /** xxHash64 of the base name, in hex: the id of all its events. */
  readonly id: string
}

/** `{file 3, line 17}` → `00000003.0000000000000017`. */
export function rowPosition(file: number, line: number): string {
  return `${String(file).padStart(8, '0')}.${padSequence(line)}`
}

/** The reverse of {@link rowPosition}, for every position in a text. */
export function namePositions(text: string, files: readonly RowSource[]): string {
  return text.replace(/(?:event )?\b(\d{8})\.(\d{16})\b/g, (match, index: string, line: string) => {
    const file = files.find((candidate) => candidate.index === Number(index))
    return file ? `${file.name}, line ${Number(line)}` : match
  })
}

/**
 * Makes the change event of an exported row: an INSERT that is marked as imported. The row's own JSON text is kept as it is.
 *
 * @throws EdsError `record` when the line is no row, or one without its primary key.
 */
export function rowEvent(text: string, line: number, file: RowSource, schema: RowSchema): ChangeEvent {
  return new ImportedRow(text, line, file, schema)
}

/**
 * The same for a row that is read when somebody asks for what is in it: its `after` and all that is made from it throw `EdsError`
 * (`record`) when the line is no row, or one without its primary key.
 *
 * @param bytes - valid UTF-8
 */
export function unreadRow(bytes: Buffer, line: number, file: RowSource, schema: RowSchema): ChangeEvent {
  return new UnreadRow(bytes, line, file, schema)
}

type RowSchema = Pick<TableSchema, 'modelVersion' | 'primaryKeys'>

class UnreadRow implements ChangeEvent {
  readonly afterBytes: Buffer
  readonly #line: number
  readonly #file: RowSource
  readonly #schema: RowSchema
  #row: ImportedRow | undefined

  constructor(bytes: Buffer, line: number, file: RowSource, schema: RowSchema) {
    this.afterBytes = bytes
    this.#line = line
    this.#file = file
    this.#schema = schema
  }

  get operation() {
    return 'INSERT' as const
  }

  get imported(): boolean {
    return true
  }

  get id(): string {
    return this.#file.id
  }

  get table(): string {
    return this.#file.table
  }

  get modelVersion(): string {
    return this.#schema.modelVersion
  }

  get timestamp(): number {
    return this.#file.timestamp
  }

  get mvccTimestamp(): string {
    return this.#file.mvccTimestamp
  }

  get position(): string {
    return rowPosition(this.#file.index, this.#line)
  }

  get key(): readonly string[] {
    return this.#read().key
  }

  get after(): Row {
    return this.#read().after
  }

  get escapes() {
    return this.#read().escapes
  }

  get rowKey(): string {
    return this.#read().rowKey
  }

  get bytes(): Uint8Array {
    return this.#read().bytes
  }

  #read(): ImportedRow {
    this.#row ??= new ImportedRow(this.afterBytes.toString(), this.#line, this.#file, this.#schema)
    return this.#row
  }
}

/** A class, so that all rows share one shape, and what few destinations need is made only when somebody asks. */
class ImportedRow implements ChangeEvent {
  readonly operation = 'INSERT'
  readonly id: string
  readonly table: string
  readonly key: readonly string[]
  readonly modelVersion: string
  declare readonly companyId?: string
  declare readonly locationId?: string
  declare readonly userId?: string
  readonly after: Row
  readonly timestamp: number
  readonly mvccTimestamp: string
  readonly imported = true
  readonly escapes: NonNullable<ChangeEvent['escapes']>
  readonly #text: string
  readonly #line: number
  readonly #file: RowSource
  #bytes: Uint8Array | undefined

  constructor(text: string, line: number, file: RowSource, schema: RowSchema) {
    const after = parseRow(text)
    this.id = file.id
    this.table = file.table
    this.key = keyOf(after, schema.primaryKeys)
    this.modelVersion = schema.modelVersion
    const { companyId, locationId, userId } = after
    if (typeof companyId === 'string') this.companyId = companyId
    if (typeof locationId === 'string') this.locationId = locationId
    if (typeof userId === 'string') this.userId = userId
    this.after = after
    this.timestamp = file.timestamp
    this.mvccTimestamp = file.mvccTimestamp
    this.escapes = escapesOf(text)
    this.#text = text
    this.#line = line
    this.#file = file
  }

  get position(): string {
    return rowPosition(this.#file.index, this.#line)
  }

  get rowKey(): string {
    return rowKeyOf(this)
  }

  get bytes(): Uint8Array {
    this.#bytes ??= Buffer.from(`${this.#head()},"after":${this.#text}}`)
    return this.#bytes
  }

  #head(): string {
    const { operation, id, table, key, modelVersion, timestamp, mvccTimestamp, imported } = this
    const { companyId, locationId, userId } = this
    const ids = { companyId, locationId, userId }
    const fields = { operation, id, table, key, modelVersion, ...ids, timestamp, mvccTimestamp, imported }
    return JSON.stringify(fields).slice(0, -1)
  }
}

function escapesOf(text: string): NonNullable<ChangeEvent['escapes']> {
  const backslash = text.indexOf('\\')
  if (backslash < 0) return 'none'
  return text.includes('\\u', backslash) ? 'unicode' : 'characters'
}

function parseRow(text: string): Row {
  const row = parseJson(text)
  if (typeof row === 'object' && row !== null && !Array.isArray(row)) return row as Row
  throw new EdsError('record', 'the line is not a JSON object')
}

/** One column: its value alone. Several: an empty region in front, as events of the stream have one. */
function keyOf(row: Row, primaryKeys: readonly string[]): string[] {
  const key = primaryKeys.length === 1 ? [] : ['']
  for (const name of primaryKeys) {
    const value = keyText(row[name])
    if (value === undefined) throw new EdsError('record', `the row has no primary key "${name}"`)
    key.push(value)
  }
  return key
}
