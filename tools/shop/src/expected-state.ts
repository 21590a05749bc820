import type { Operation, Row, TableSchema } from '@eds/core'
import type { ShopEvent } from './events.js'
import { parseExact } from './exact-json.js'
import { memberSpans } from './json-spans.js'
import { type ShopSchemas, shopSchemas } from './schemas.js'

export interface ExpectedStateOptions {
  /** Must belong to the events; default: all tables, realistic rows. */
  readonly schemas?: ShopSchemas
  /** Ids of events that no destination has to hold, for instance those in its dead letters. */
  readonly exclude?: ReadonlySet<string>
}

/** What `apply` needs to know of an event; `after` is JSON text. */
interface Change {
  readonly table: string
  readonly operation: Operation
  readonly modelVersion: string
  readonly key: string
  readonly after: string | undefined
}

/**
 * The rows that a destination must hold after the events so far. INSERT replaces a row, UPDATE merges its `after` into it (or makes
 * it), DELETE removes it. Rows are kept as JSON text outside the JavaScript heap: 60,000 rows of 3 KB take about 200 MB.
 */
export class ExpectedState {
  readonly #schemas: ShopSchemas
  readonly #exclude: ReadonlySet<string>
  readonly #tables = new Map<string, Map<string, Buffer>>()
  readonly #versions = new Map<string, TableSchema>()

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
    const fields = new Map(memberSpans(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString()))
    if (this.#exclude.has(textOf(fields, 'id'))) return false
    this.#apply(this.#change(fields))
    return true
  }

  /** Puts a row of an import into a table; `source` is its JSON text. */
  load(schema: TableSchema, source: string): void {
    const key = rowKey(memberSpans(source), schema.primaryKeys)
    if (key === undefined) throw new Error(`the row for table "${schema.table}" lacks its primary key`)
    const { table, modelVersion } = schema
    this.#apply({ table, modelVersion, operation: 'INSERT', key, after: source })
  }

  /** Tables that had events, in order of their first one. */
  tables(): string[] {
    return [...this.#tables.keys()]
  }

  /** The newest version that an event of the table had: the columns that a destination must know. */
  schema(table: string): TableSchema {
    const schema = this.#versions.get(table)
    if (schema === undefined) throw new Error(`no event of table "${table}" was applied`)
    return schema
  }

  /** How many rows the table must have. */
  count(table: string): number {
    return this.#tables.get(table)?.size ?? 0
  }

  /** Keys of the rows that the table must have, as {@link primaryKeyText} makes them. */
  keys(table: string): Iterable<string> {
    return this.#tables.get(table)?.keys() ?? []
  }

  /** One row; numbers that a double cannot hold are `ExactNumber`. */
  row(table: string, key: string): Row | undefined {
    const source = this.#tables.get(table)?.get(key)
    return source === undefined ? undefined : parseRow(source.toString())
  }

  /** All rows of a table, parsed: for small workloads. */
  rows(table: string): Map<string, Row> {
    const rows = new Map<string, Row>()
    for (const [key, source] of this.#tables.get(table) ?? []) rows.set(key, parseRow(source.toString()))
    return rows
  }

  #change(fields: ReadonlyMap<string, string>): Change {
    const table = textOf(fields, 'table')
    const modelVersion = textOf(fields, 'modelVersion')
    const schema = this.#schemas.get(table, modelVersion)
    if (schema === undefined) throw new Error(`no schema of table "${table}" in version "${modelVersion}"`)
    const after = fields.get('after')
    const image = after ?? fields.get('before')
    const key = (image && rowKey(memberSpans(image), schema.primaryKeys)) ?? keyOf(fields, schema.primaryKeys.length)
    return { table, modelVersion, operation: operationOf(fields), key, after }
  }

  #apply({ table, modelVersion, operation, key, after }: Change): void {
    const rows = this.#tables.get(table) ?? new Map<string, Buffer>()
    this.#tables.set(table, rows)
    this.#remember(table, modelVersion)
    if (operation === 'DELETE' || after === undefined) {
      rows.delete(key)
      return
    }
    const old = operation === 'UPDATE' ? rows.get(key) : undefined
    rows.set(key, store(old === undefined ? after : merge(old.toString(), after)))
  }

  #remember(table: string, modelVersion: string): void {
    const known = this.#versions.get(table)
    if (known?.modelVersion === modelVersion) return
    const schema = this.#schemas.get(table, modelVersion)
    if (schema !== undefined && columnCount(schema) > columnCount(known)) this.#versions.set(table, schema)
  }
}

/** The text under which a row is known: a JSON array of the key values as text, `["a","3"]`. */
export function primaryKeyText(values: readonly string[]): string {
  return JSON.stringify(values)
}

/** Later versions only add columns. */
function columnCount(schema: TableSchema | undefined): number {
  return schema === undefined ? 0 : Object.keys(schema.properties).length
}

function textOf(fields: ReadonlyMap<string, string>, name: string): string {
  const value: unknown = JSON.parse(fields.get(name) ?? 'null')
  if (typeof value === 'string') return value
  throw new Error(`an event must have "${name}", a string`)
}

function operationOf(fields: ReadonlyMap<string, string>): Operation {
  const operation = textOf(fields, 'operation')
  if (operation === 'INSERT' || operation === 'UPDATE' || operation === 'DELETE') return operation
  throw new Error(`no such operation: ${operation}`)
}

/** `undefined` when the image does not hold the whole key. */
function rowKey(members: readonly (readonly [string, string])[], primaryKeys: readonly string[]): string | undefined {
  const sources = new Map(members)
  const values = primaryKeys.map((name) => parseExact(sources.get(name) ?? 'null'))
  return values.includes(null) ? undefined : primaryKeyText(values.map(String))
}

/** From the event's key: all but the region. */
function keyOf(fields: ReadonlyMap<string, string>, length: number): string {
  const key: unknown = JSON.parse(fields.get('key') ?? '[]')
  if (Array.isArray(key) && key.length >= length) return primaryKeyText(key.slice(key.length - length).map(String))
  throw new Error('an event must have a key, or a row image with one')
}

function parseRow(source: string): Row {
  return Object.fromEntries(memberSpans(source).map(([name, value]) => [name, parseExact(value)]))
}

function store(source: string): Buffer {
  const size = Buffer.byteLength(source)
  const buffer = Buffer.allocUnsafeSlow(size)
  buffer.write(source)
  return buffer
}

/** `patch` laid over `old`, both JSON texts of objects. */
function merge(old: string, patch: string): string {
  const merged = new Map([...memberSpans(old), ...memberSpans(patch)])
  return `{${[...merged].map(([name, source]) => `${JSON.stringify(name)}:${source}`).join(',')}}`
}
