import {
  type ChangeEvent,
  type ColumnSchema,
  columnOrder,
  EdsError,
  ExactNumber,
  type JsonValue,
  primaryKeyOf,
  type Row,
  type SchemaChange,
  type TableSchema,
} from '@eds/core'

interface MemoryTable {
  readonly columns: Map<string, ColumnSchema>
  /** Primary key as JSON text → row. */
  readonly rows: Map<string, Row>
}

/** Tables in memory: the destination of the reference driver. Stands for a server, so it can be out of reach. */
export class MemoryDatabase {
  readonly #tables = new Map<string, MemoryTable>()
  #reachable = true

  /** Takes the database out of reach, as if the network were down, and brings it back. For the suite's `connection` option. */
  readonly connection = {
    break: async () => {
      this.#reachable = false
    },
    restore: async () => {
      this.#reachable = true
    },
  }

  /** Throws `connection` when the database is out of reach. */
  ping(): void {
    if (!this.#reachable) throw new EdsError('connection', 'the memory database is out of reach')
  }

  /** The rows of a table, as they are now. */
  rows(table: string): Row[] {
    return [...(this.#tables.get(table)?.rows.values() ?? [])]
  }

  /** Makes the table, or adds what it lacks. */
  addTable(schema: TableSchema): SchemaChange[] {
    const { table, properties } = schema
    const known = this.#tables.get(table)
    const columns = columnOrder(schema).filter((name) => !known?.columns.has(name))
    const target = known ?? { columns: new Map(), rows: new Map() }
    this.#tables.set(table, target)
    for (const name of columns) target.columns.set(name, properties[name] as ColumnSchema)
    if (known === undefined) return [{ table, change: 'table created', columns }]
    return columns.length === 0 ? [] : [{ table, change: 'columns added', columns }]
  }

  /** Applies one change whole, or throws `record` and changes nothing. */
  apply(event: ChangeEvent, schema: TableSchema): void {
    const { columns, rows } = this.#table(event.table)
    const key = primaryKeyOf(event, schema.primaryKeys)
    const id = JSON.stringify(key.map(String))
    if (event.operation === 'DELETE') {
      rows.delete(id)
      return
    }
    const row: Record<string, JsonValue | undefined> = { ...rows.get(id) }
    for (const [index, name] of schema.primaryKeys.entries()) row[name] = key[index]
    for (const [name, value] of Object.entries(event.after ?? {})) {
      const column = columns.get(name)
      if (column === undefined || schema.properties[name] === undefined) continue
      checkType(event.table, name, column, value)
      row[name] = value
    }
    rows.set(id, row)
  }

  /** Loads all rows or none. */
  load(schema: TableSchema, events: readonly ChangeEvent[], mode: 'replace' | 'merge'): void {
    this.ping()
    const before = this.#tables.get(schema.table)
    const rows = mode === 'replace' ? [] : (before?.rows ?? [])
    this.#tables.set(schema.table, { columns: new Map(before?.columns), rows: new Map(rows) })
    try {
      this.addTable(schema)
      for (const [index, event] of events.entries()) this.#loadRow(event, schema, index)
    } catch (error) {
      if (before !== undefined) this.#tables.set(schema.table, before)
      else this.#tables.delete(schema.table)
      throw error
    }
  }

  #loadRow(event: ChangeEvent, schema: TableSchema, index: number): void {
    try {
      this.apply(event, schema)
    } catch (cause) {
      throw new EdsError('record', `row ${index} of the import cannot be stored`, { index, cause })
    }
  }

  #table(name: string): MemoryTable {
    const table = this.#tables.get(name)
    if (table === undefined) throw new EdsError('schema', `there is no table "${name}"`, { table: name })
    return table
  }
}

function checkType(table: string, name: string, { type }: ColumnSchema, value: JsonValue | undefined): void {
  if (value === null || value === undefined) return
  const fits = type === 'integer' ? isInteger(value) : type === 'number' ? isNumber(value) : true
  if (!fits) throw new EdsError('record', `"${table}"."${name}" takes no ${typeof value}`, { table })
}

function isInteger(value: JsonValue): boolean {
  return value instanceof ExactNumber ? /^-?\d+$/.test(value.text) : Number.isInteger(value)
}

function isNumber(value: JsonValue): boolean {
  return value instanceof ExactNumber || typeof value === 'number'
}
