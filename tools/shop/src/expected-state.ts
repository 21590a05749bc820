import type { Row, TableSchema } from '@eds/core'
import { keyOfImage, readChange, type TextChange } from './event-text.js'
import type { ShopEvent } from './events.js'
import { type ShopSchemas, shopSchemas } from './schemas.js'
import { columnCount, mergeRow, parseRow, type StoredRow, storeRow } from './stored-row.js'

export interface ExpectedStateOptions {
  /** Must belong to the events; default: all tables, realistic rows. */
  readonly schemas?: ShopSchemas
  /** Ids of events that no destination has to hold, for instance those in its dead letters. */
  readonly exclude?: ReadonlySet<string>
}

/**
 * The rows that a destination must hold after the events so far. INSERT replaces a row, UPDATE merges its `after` into it (or makes
 * it), DELETE removes it; columns that the event's schema does not name are left out. Rows are kept as JSON text outside the
 * JavaScript heap: 60,000 rows of 3 KB take about 200 MB.
 */
export class ExpectedState {
  readonly #schemas: ShopSchemas
  readonly #exclude: ReadonlySet<string>
  readonly #tables = new Map<string, Map<string, StoredRow>>()
  readonly #newest = new Map<string, TableSchema>()

  constructor(options: ExpectedStateOptions = {}) {
    this.#schemas = options.schemas ?? shopSchemas()
    this.#exclude = options.exclude ?? new Set()
  }

  /**
   * Applies the next event, given as the generator made it or as JSON text in UTF-8. False when the event is excluded.
   *
   * @throws Error when the text is no event, or its table and version are not among the schemas.
   */
  apply(event: ShopEvent | Uint8Array): boolean {
    const bytes = event instanceof Uint8Array ? event : event.bytes
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString()
    const change = readChange(text, this.#schemas)
    if (this.#exclude.has(change.id)) return false
    this.#apply(change)
    return true
  }

  /** Puts a row of an import into a table; `source` is its JSON text. */
  load(schema: TableSchema, source: string): void {
    this.#apply({ schema, operation: 'INSERT', key: keyOfImage(source, schema), after: source })
  }

  /** Tables that had events, in order of their first one. */
  tables(): string[] {
    return [...this.#tables.keys()]
  }

  /**
   * The newest version that an event of the table had: the columns that a destination must know.
   *
   * @throws Error when the table had no event.
   */
  schema(table: string): TableSchema {
    const schema = this.#newest.get(table)
    if (schema === undefined) throw new Error(`no event of table "${table}" was applied`)
    return schema
  }

  /** How many rows the table must have. */
  count(table: string): number {
    return this.#tables.get(table)?.size ?? 0
  }

  /** Keys of the rows that the table must have, each as `primaryKeyText` makes it. */
  keys(table: string): Iterable<string> {
    return this.#tables.get(table)?.keys() ?? []
  }

  /** One row; numbers that a double cannot hold are `ExactNumber`. */
  row(table: string, key: string): Row | undefined {
    const row = this.#tables.get(table)?.get(key)
    return row === undefined ? undefined : parseRow(row)
  }

  /** All rows of a table, parsed: for small workloads. */
  rows(table: string): Map<string, Row> {
    const rows = new Map<string, Row>()
    for (const [key, row] of this.#tables.get(table) ?? []) rows.set(key, parseRow(row))
    return rows
  }

  #apply({ schema, operation, key, after }: Omit<TextChange, 'id'>): void {
    const rows = this.#rowsOf(schema)
    if (operation === 'DELETE' || after === undefined) {
      rows.delete(key)
      return
    }
    const row = operation === 'UPDATE' ? rows.get(key) : undefined
    rows.set(key, row === undefined ? storeRow(after, schema) : mergeRow(row, after, schema))
  }

  #rowsOf(schema: TableSchema): Map<string, StoredRow> {
    const newest = this.#newest.get(schema.table)
    if (newest === undefined || columnCount(schema) > columnCount(newest)) this.#newest.set(schema.table, schema)
    const rows = this.#tables.get(schema.table) ?? new Map<string, StoredRow>()
    this.#tables.set(schema.table, rows)
    return rows
  }
}
