import type { Name } from '../sql/ast.js'
import { Locks } from './locks.js'
import { invalidObject, SqlError } from './sql-error.js'
import { type Column, Table, type Undo } from './table.js'

/** What tests switch in a database. */
export interface DatabaseSwitches {
  readOnly: boolean
  createDenied: boolean
  writeDenied: boolean
}

/** All permanent tables of the one database. */
export class Database {
  readonly name: string
  readonly switches: DatabaseSwitches = { readOnly: false, createDenied: false, writeDenied: false }
  readonly locks = new Locks()
  readonly schemas = new Map<string, string>([['dbo', 'dbo']])
  readonly #tables = new Map<string, Table>()
  #nextId = 1000

  constructor(name: string) {
    this.name = name
  }

  get tables(): readonly Table[] {
    return [...this.#tables.values()]
  }

  nextId(): number {
    this.#nextId += 1
    return this.#nextId
  }

  find(name: Name): Table | undefined {
    const { schema, table } = this.split(name)
    return this.#tables.get(keyOf(schema, table))
  }

  require(name: Name): Table {
    const table = this.find(name)
    if (!table) throw invalidObject(name.join('.'))
    return table
  }

  /** Schema (dbo by default) and table of a name that may also give this database. */
  split(name: Name): { schema: string; table: string } {
    const [table = '', schema = '', database = ''] = [...name].reverse()
    if (database !== '' && database.toLowerCase() !== this.name.toLowerCase()) throw invalidObject(name.join('.'))
    return { schema: schema || 'dbo', table }
  }

  create(name: Name, columns: readonly Column[], key: readonly string[], log: Undo[]): Table {
    const { schema, table: tableName } = this.split(name)
    const storedSchema = this.schemas.get(schema.toLowerCase())
    if (storedSchema === undefined) {
      throw new SqlError(
        2760,
        `The specified schema name "${schema}" either does not exist or you do not have permission to use it.`,
        {
          reach: 'batch',
        },
      )
    }
    this.#checkFree(storedSchema, tableName)
    const table = new Table({
      id: this.nextId(),
      schema: storedSchema,
      name: tableName,
      temporary: false,
      columns,
      key,
    })
    this.#put(table, log)
    return table
  }

  #checkFree(schema: string, table: string): void {
    if (!this.#tables.has(keyOf(schema, table))) return
    throw new SqlError(2714, `There is already an object named '${table}' in the database.`, {
      state: 6,
      reach: 'batch',
    })
  }

  #put(table: Table, log: Undo[]): void {
    const key = keyOf(table.schema, table.name)
    this.#tables.set(key, table)
    log.push(() => this.#tables.delete(key))
  }

  drop(table: Table, log: Undo[]): void {
    const key = keyOf(table.schema, table.name)
    this.#tables.delete(key)
    log.push(() => this.#tables.set(key, table))
  }

  rename(table: Table, name: string, log: Undo[]): void {
    this.#checkFree(table.schema, name)
    const before = table.name
    this.drop(table, log)
    table.name = name
    log.push(() => {
      table.name = before
    })
    this.#put(table, log)
  }
}

const keyOf = (schema: string, table: string) => `${schema.toLowerCase()}\u0000${table.toLowerCase()}`
