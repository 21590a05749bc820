import type { Expression, Identity } from '../sql/ast.js'
import { equalityKey } from './compare.js'
import { SqlError } from './sql-error.js'
import { textOf } from './text-of.js'
import type { SqlType, Value } from './types.js'

export type Row = readonly Value[]

export interface Column {
  readonly name: string
  readonly type: SqlType
  readonly nullable: boolean
  /** What DEFAULT gives. */
  readonly fallback?: Expression
  /** The server numbers the rows. */
  readonly identity?: Identity
}

/** Takes back one change. */
export type Undo = () => void

/** Columns, rows and the primary key of one table. Every change hands its undo to `log`. */
export class Table {
  readonly id: number
  readonly temporary: boolean
  schema: string
  name: string
  columns: readonly Column[]
  /** Positions of the key's columns; empty without one. */
  key: readonly number[]
  /** By row number, in the order of insertion. */
  rows = new Map<number, Row>()
  #byKey = new Map<string, number>()
  #nextRow = 1
  #nextIdentity: bigint | undefined

  constructor(options: {
    id: number
    schema: string
    name: string
    temporary: boolean
    columns: readonly Column[]
    key: readonly string[]
  }) {
    this.id = options.id
    this.schema = options.schema
    this.name = options.name
    this.temporary = options.temporary
    this.columns = options.columns
    this.key = options.key.map((name) => this.position(name))
  }

  get fullName(): string {
    return this.temporary ? this.name : `${this.schema}.${this.name}`
  }

  /** Position of a column, names compared without case. */
  position(name: string): number {
    const wanted = name.toLowerCase()
    const position = this.columns.findIndex((column) => column.name.toLowerCase() === wanted)
    if (position < 0) throw new SqlError(207, `Invalid column name '${name}'.`, { reach: 'batch' })
    return position
  }

  /** The next number of the identity column; taken for good, also when the transaction is rolled back. */
  takeIdentity({ seed, increment }: Identity): bigint {
    const number = this.#nextIdentity ?? seed
    this.#nextIdentity = number + increment
    return number
  }

  /** Numbering goes on behind a number that was set. */
  raiseIdentity({ seed, increment }: Identity, number: bigint): void {
    const next = this.#nextIdentity ?? seed
    if (increment > 0n ? number >= next : number <= next) this.#nextIdentity = number + increment
  }

  /** The row whose key has these values, in the order of the key. */
  find(values: readonly Value[]): readonly [number, Row] | undefined {
    const number = this.#byKey.get(this.#joinKey(values))
    const row = number === undefined ? undefined : this.rows.get(number)
    return number === undefined || row === undefined ? undefined : [number, row]
  }

  insert(row: Row, log: Undo[]): void {
    this.#checkNulls(row, 'INSERT')
    const number = this.#nextRow++
    this.#index(row, number)
    this.rows.set(number, row)
    log.push(() => {
      this.rows.delete(number)
      this.#unindex(row)
    })
  }

  delete(number: number, log: Undo[]): void {
    const row = this.rows.get(number)
    if (!row) return
    this.rows.delete(number)
    this.#unindex(row)
    log.push(() => {
      this.rows.set(number, row)
      this.#index(row, number)
    })
  }

  /** Replaces rows all at once, so that keys may move from one row to another. */
  replace(changes: ReadonlyMap<number, Row>, log: Undo[]): void {
    for (const row of changes.values()) this.#checkNulls(row, 'UPDATE')
    const before = new Map([...changes.keys()].flatMap((number) => entryOf(this.rows, number)))
    const put = (rows: ReadonlyMap<number, Row>) => {
      for (const [number, row] of rows) {
        this.#index(row, number)
        this.rows.set(number, row)
      }
    }
    const takeKeys = (rows: ReadonlyMap<number, Row>) => {
      for (const [number, row] of rows) if (this.#byKey.get(this.#keyOf(row)) === number) this.#unindex(row)
    }
    log.push(() => {
      takeKeys(changes)
      put(before)
    })
    takeKeys(before)
    put(changes)
  }

  /** Gives the table other columns, rows or key, as ALTER TABLE and TRUNCATE do. */
  reshape(change: { columns?: readonly Column[]; key?: readonly number[]; rows?: readonly Row[] }, log: Undo[]): void {
    const { columns, key, rows } = this
    const byKey = this.#byKey
    log.push(() => {
      Object.assign(this, { columns, key, rows })
      this.#byKey = byKey
    })
    this.columns = change.columns ?? columns
    this.key = change.key ?? key
    this.rows = new Map()
    this.#byKey = new Map()
    for (const row of change.rows ?? rows.values()) {
      const number = this.#nextRow++
      this.#index(row, number)
      this.rows.set(number, row)
    }
  }

  #keyOf(row: Row): string {
    return this.#joinKey(this.key.map((position) => row[position] ?? null))
  }

  #joinKey(values: readonly Value[]): string {
    return joinKeys(values.map((value, index) => equalityKey(value, this.#keyType(index))))
  }

  #keyType(index: number): SqlType {
    const column = this.columns[this.key[index] ?? -1]
    if (!column) throw new RangeError(`The key of ${this.fullName} has no column ${index}`)
    return column.type
  }

  #index(row: Row, number: number): void {
    if (this.key.length === 0) return
    const key = this.#keyOf(row)
    if (this.#byKey.has(key)) throw this.#duplicate(row)
    this.#byKey.set(key, number)
  }

  #unindex(row: Row): void {
    if (this.key.length > 0) this.#byKey.delete(this.#keyOf(row))
  }

  #duplicate(row: Row): SqlError {
    const shown = this.key.map((position, index) => {
      const value = row[position] ?? null
      return value === null ? '<NULL>' : textOf(value, this.#keyType(index))
    })
    const message = `Violation of PRIMARY KEY constraint 'PK_${this.name}'. Cannot insert duplicate key in object '${this.fullName}'. The duplicate key value is (${shown.join(', ')}).`
    return new SqlError(2627, message, { class: 14 })
  }

  #checkNulls(row: Row, statement: string): void {
    for (const [position, column] of this.columns.entries()) {
      if (column.nullable || (row[position] ?? null) !== null) continue
      const message = `Cannot insert the value NULL into column '${column.name}', table '${this.fullName}'; column does not allow nulls. ${statement} fails.`
      throw new SqlError(515, message, { state: 2 })
    }
  }
}

function entryOf(rows: ReadonlyMap<number, Row>, number: number): [number, Row][] {
  const row = rows.get(number)
  return row ? [[number, row]] : []
}

/** One text for several keys; lengths keep `a`,`bc` apart from `ab`,`c`. */
export function joinKeys(keys: readonly (string | bigint | number | null)[]): string {
  return keys.map((key) => `${String(key).length}:${key}`).join('|')
}
