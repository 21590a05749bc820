import type { ChangeEvent, ColumnSchema, Row, TableSchema } from '@eds/core'
import type { EventFeed } from './event-feed.js'

/** A row of a test table: `id` is the primary key. */
export type TestRow = Row & { readonly id: string }

const columns: Readonly<Record<string, ColumnSchema>> = {
  id: { type: 'string' },
  name: { type: 'string', nullable: true },
  quantity: { type: 'integer', nullable: true },
  price: { type: 'number', nullable: true },
  active: { type: 'boolean', nullable: true },
  createdDate: { type: 'string', format: 'date-time', nullable: true },
  details: { type: 'object', nullable: true },
  tags: { type: 'array', items: { type: 'string' }, nullable: true },
}

/** What a test table has besides its usual columns. */
export interface TestColumns {
  /** Adds or replaces columns. */
  readonly more?: Readonly<Record<string, ColumnSchema>>
  /** Columns that must not be null, besides the key. */
  readonly required?: readonly string[]
}

/** A schema with one column of every type, all but the key nullable. */
export function testSchema(table: string, modelVersion = 'a1', { more, required = [] }: TestColumns = {}): TableSchema {
  return {
    table,
    modelVersion,
    primaryKeys: ['id'],
    required: ['id', ...required],
    properties: { ...columns, ...more },
  }
}

/** Makes the events of one table, remembering its rows so that they carry true `before` images. */
export class TestTable {
  readonly schema: TableSchema
  readonly #feed: EventFeed
  readonly #rows: Map<string, Row>

  constructor(feed: EventFeed, schema: TableSchema, rows = new Map<string, Row>()) {
    this.schema = schema
    this.#feed = feed
    this.#rows = rows
  }

  get name(): string {
    return this.schema.table
  }

  /** The same table under another version of its schema. */
  at(schema: TableSchema): TestTable {
    return new TestTable(this.#feed, schema, this.#rows)
  }

  insert(row: TestRow): ChangeEvent {
    const after = this.#complete(row)
    this.#rows.set(row.id, after)
    return this.#make('INSERT', row.id, { after })
  }

  /** A row of a bulk import. */
  importRow(row: TestRow): ChangeEvent {
    const { table, modelVersion } = this.schema
    const draft = { operation: 'INSERT', table, key: [row.id], modelVersion, imported: true } as const
    return this.#feed.make({ ...draft, after: this.#complete(row) })
  }

  /** An UPDATE with the whole row. */
  update(row: TestRow): ChangeEvent {
    const before = this.#rows.get(row.id)
    const after = this.#complete(row)
    this.#rows.set(row.id, after)
    return this.#make('UPDATE', row.id, { after, diff: Object.keys(row), ...(before && { before }) })
  }

  /** An UPDATE that carries the primary key and these columns only. */
  patch(id: string, changes: Row): ChangeEvent {
    const after = { id, ...changes }
    this.#rows.set(id, { ...this.#rows.get(id), ...after })
    return this.#make('UPDATE', id, { after, diff: Object.keys(changes) })
  }

  remove(id: string): ChangeEvent {
    const before = this.#rows.get(id)
    this.#rows.delete(id)
    return this.#make('DELETE', id, before && { before })
  }

  #make(
    operation: ChangeEvent['operation'],
    id: string,
    images: { readonly before?: Row; readonly after?: Row; readonly diff?: readonly string[] } = {},
  ): ChangeEvent {
    const { table, modelVersion } = this.schema
    return this.#feed.make({ operation, table, key: ['gcp-us-west1', id], modelVersion, ...images })
  }

  #complete(row: TestRow): Row {
    const nulls = Object.fromEntries(Object.keys(this.schema.properties).map((name) => [name, null]))
    return { ...nulls, ...row }
  }
}
