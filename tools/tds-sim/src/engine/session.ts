import type { Name } from '../sql/ast.js'
import type { Database } from './database.js'
import type { BoundSource, Frame } from './scope.js'
import { productVersion } from './server-functions.js'
import { invalidObject, permissionDenied, SqlError } from './sql-error.js'
import { systemView } from './system-views.js'
import { type Column, Table, type Undo } from './table.js'
import { bigintType, intType, nvarcharType, type SqlType, typeOf, type Value } from './types.js'

/** A variable or parameter with its value. */
export interface Variable {
  readonly type: SqlType
  readonly value: Value
}

/** Settings that SET changes; those set within an RPC end with it. */
export interface SessionOptions {
  readonly xactAbort: boolean
  readonly noCount: boolean
}

const defaultOptions: SessionOptions = { xactAbort: false, noCount: false }

/** What one connection has: temp tables, variables, settings and its transaction. */
export class Session {
  readonly database: Database
  readonly user: string
  readonly applicationName: string
  readonly now: () => Date
  options = defaultOptions
  variables = new Map<string, Variable>()
  transactionDepth = 0
  /** Undoes everything since the transaction (or the statement outside of one) began. */
  undoLog: Undo[] = []
  rowCount = 0
  lastError = 0
  /** The table whose identity column may be set. */
  identityInsert: Table | undefined
  #temporary = new Map<string, Table>()
  #nextSlot = 0
  #changesPermanent = false
  readonly #committed: () => void

  constructor(options: {
    database: Database
    user: string
    applicationName: string
    now: () => Date
    committed: () => void
  }) {
    this.database = options.database
    this.user = options.user
    this.applicationName = options.applicationName
    this.now = options.now
    this.#committed = options.committed
  }

  allocateSlot(): number {
    this.#nextSlot += 1
    return this.#nextSlot
  }

  variable(name: string): { type: SqlType; run: (frame: Frame) => Value } {
    const system = this.#systemVariable(name)
    if (system) return { type: system.type, run: () => system.value }
    const declared = this.variables.get(name)
    if (!declared) throw new SqlError(137, `Must declare the scalar variable "${name}".`, { class: 15, reach: 'batch' })
    return { type: declared.type, run: () => this.variables.get(name)?.value ?? null }
  }

  #systemVariable(name: string): Variable | undefined {
    const number = (value: number): Variable => ({ type: intType, value: BigInt(value) })
    switch (name) {
      case '@@rowcount':
        return number(this.rowCount)
      case '@@trancount':
        return number(this.transactionDepth)
      case '@@error':
        return number(this.lastError)
      case '@@spid':
        return { type: typeOf('smallint'), value: 51n }
      case '@@version':
        return {
          type: nvarcharType(300),
          value: `Microsoft SQL Server 2022 (tds-sim) - ${productVersion} (a simulator for tests)`,
        }
      case '@@servername':
        return { type: nvarcharType(128), value: 'tds-sim' }
      case '@@identity':
        return { type: bigintType, value: null }
      default:
        return undefined
    }
  }

  findTable(name: Name): Table | undefined {
    const last = name.at(-1) ?? ''
    return last.startsWith('#') ? this.#temporary.get(last.toLowerCase()) : this.database.find(name)
  }

  requireTable(name: Name): Table {
    const table = this.findTable(name)
    if (!table) throw invalidObject(name.join('.'))
    return table
  }

  /** The table or system view as a source of a query. */
  bindTable(name: Name, alias: string | undefined): BoundSource {
    const slot = this.allocateSlot()
    const shown = alias ?? name.at(-1) ?? ''
    const view = systemView(this.database, name)
    if (view) return { alias: shown, slot, columns: view.columns, rows: () => view.rows, size: view.rows.length }
    const table = this.requireTable(name)
    return { alias: shown, slot, columns: table.columns, rows: () => table.rows.values(), size: table.rows.size, table }
  }

  writableTable(name: Name, permission: string): Table {
    const table = this.requireTable(name)
    this.checkWritable(table, permission)
    return table
  }

  checkWritable(table: Table, permission: string): void {
    if (table.temporary) return
    this.#checkUpdateable()
    if (this.database.switches.writeDenied) throw permissionDenied(permission, table.name)
  }

  alterableTable(name: Name): Table {
    const table = this.requireTable(name)
    if (!table.temporary) this.#checkDefinable('ALTER', table.name)
    return table
  }

  #checkDefinable(permission: string, object: string): void {
    this.#checkUpdateable()
    if (this.database.switches.createDenied) throw permissionDenied(permission, object)
  }

  #checkUpdateable(): void {
    const { database } = this
    if (database.switches.readOnly) {
      throw new SqlError(3906, `Failed to update database "${database.name}" because the database is read-only.`, {
        reach: 'batch',
      })
    }
    this.#changesPermanent = true
  }

  createTable(name: Name, columns: readonly Column[], key: readonly string[]): void {
    const last = name.at(-1) ?? ''
    if (last.startsWith('#')) {
      this.#createTemporary(last, columns, key)
      return
    }
    this.#checkUpdateable()
    if (this.database.switches.createDenied) {
      throw new SqlError(262, `CREATE TABLE permission denied in database '${this.database.name}'.`, {
        class: 14,
        reach: 'batch',
      })
    }
    this.database.create(name, columns, key, this.undoLog)
  }

  #createTemporary(name: string, columns: readonly Column[], key: readonly string[]): void {
    const id = name.toLowerCase()
    if (this.#temporary.has(id)) {
      throw new SqlError(2714, `There is already an object named '${name}' in the database.`, {
        state: 6,
        reach: 'batch',
      })
    }
    this.#temporary.set(
      id,
      new Table({ id: this.database.nextId(), schema: 'dbo', name, temporary: true, columns, key }),
    )
    this.undoLog.push(() => this.#temporary.delete(id))
  }

  dropTable(table: Table): void {
    if (!table.temporary) {
      this.#checkDefinable('ALTER', table.name)
      this.database.drop(table, this.undoLog)
      return
    }
    const id = table.name.toLowerCase()
    this.#temporary.delete(id)
    this.undoLog.push(() => this.#temporary.set(id, table))
  }

  begin(): void {
    this.transactionDepth += 1
  }

  commit(): void {
    if (this.transactionDepth === 0) {
      throw new SqlError(3902, 'The COMMIT TRANSACTION request has no corresponding BEGIN TRANSACTION.')
    }
    this.transactionDepth -= 1
    if (this.transactionDepth === 0) this.#makeDurable()
  }

  rollback(): void {
    if (this.transactionDepth === 0) {
      throw new SqlError(3903, 'The ROLLBACK TRANSACTION request has no corresponding BEGIN TRANSACTION.')
    }
    this.abandon()
  }

  /** Takes back everything that is not durable. */
  abandon(): void {
    this.undoTo(0)
    this.transactionDepth = 0
    this.#changesPermanent = false
    this.database.locks.endTransaction(this)
  }

  /** Takes back what was logged behind this length of the log. */
  undoTo(length: number): void {
    while (this.undoLog.length > length) this.undoLog.pop()?.()
  }

  /** Ends a statement: outside of a transaction its changes last. */
  endStatement(): void {
    this.#nextSlot = 0
    if (this.transactionDepth === 0) this.#makeDurable()
  }

  #makeDurable(): void {
    const committed = this.#changesPermanent && this.undoLog.length > 0
    this.undoLog = []
    this.#changesPermanent = false
    this.database.locks.endTransaction(this)
    if (committed) this.#committed()
  }

  /** Forgets all that a connection from a pool must not bring along. */
  reset(): void {
    this.abandon()
    this.database.locks.endSession(this)
    this.#temporary.clear()
    this.variables.clear()
    this.options = defaultOptions
    this.identityInsert = undefined
    this.rowCount = 0
  }

  /** Stops waiting for a lock: the statement that waits throws {@link Cancelled}. */
  cancel(): void {
    this.database.locks.cancel(this)
  }

  /** Ends with the connection. */
  end(): void {
    this.cancel()
    this.reset()
  }

  /** Runs as a procedure does: its settings, variables and temp tables end with it. */
  async asProcedure<Result>(parameters: ReadonlyMap<string, Variable>, body: () => Promise<Result>): Promise<Result> {
    const { options, variables } = this
    const before = new Set(this.#temporary.keys())
    this.variables = new Map(parameters)
    try {
      return await body()
    } finally {
      this.options = options
      this.variables = variables
      for (const id of [...this.#temporary.keys()]) if (!before.has(id)) this.#temporary.delete(id)
    }
  }
}
