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

/** Tables in memory: the destination of the reference driver. Stands for a server, so it can be out of reach, or hang. */
export class MemoryDatabase {
  readonly #password: string
  readonly #tables = new Map<string, MemoryTable>()
  #state: 'up' | 'broken' | 'stalled' = 'up'
  /** Those who wait for an answer. */
  #waiting: (() => void)[] = []

  /** @param password who connects has to know it; default: none. */
  constructor(password = '') {
    this.#password = password
  }

  /**
   * Takes the database out of reach, as if the network were down, or lets it hang, and brings it back. For the suite's `connection`
   * option.
   */
  readonly connection = {
    break: async () => {
      this.#state = 'broken'
    },
    stall: async () => {
      this.#state = 'stalled'
    },
    restore: async () => {
      this.#state = 'up'
      for (const goOn of this.#waiting.splice(0)) goOn()
    },
  }

  /** Throws `authentication` when the password is not the right one. */
  admit(password: string): void {
    if (password !== this.#password) throw new EdsError('authentication', 'the memory database refuses the password')
  }

  /** Resolves when the database answers. Rejects with `connection` when it is out of reach, or when the signal aborts. */
  async answer(signal: AbortSignal): Promise<void> {
    throwIfAborted(signal)
    if (this.#state === 'stalled') await this.#untilRestored(signal)
    if (this.#state === 'broken') throw new EdsError('connection', 'the memory database is out of reach')
  }

  /** The rows of a table, as they are now. */
  rows(table: string): Row[] {
    return [...(this.#tables.get(table)?.rows.values() ?? [])]
  }

  has(table: string): boolean {
    return this.#tables.has(table)
  }

  /** Removes a table and its rows. */
  drop(table: string): void {
    this.#tables.delete(table)
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

  #untilRestored(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push(resolve)
      signal.addEventListener('abort', () => reject(abortedError()), { once: true })
    })
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

/** Throws `connection` when nobody waits for the result any more. */
function throwIfAborted(signal: AbortSignal): void {
  if (signal.aborted) throw abortedError()
}

function abortedError(): EdsError {
  return new EdsError('connection', 'given up before it was done')
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
