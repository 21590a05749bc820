import type { Assignment, Expression, From, Name, Statement } from '../sql/ast.js'
import { type Compiled, type Context, compile } from './compile.js'
import { convertForColumn } from './convert.js'
import { checkIdentityInsert, checkIdentityUpdate } from './identity.js'
import { planJoin } from './join.js'
import type { BoundSource } from './scope.js'
import { planSelect } from './select.js'
import type { Session } from './session.js'
import { SqlError } from './sql-error.js'
import type { Row, Table } from './table.js'
import type { SqlType, Value } from './types.js'

type Of<Kind extends Statement['kind']> = Extract<Statement, { kind: Kind }>

const outermost = (session: Session): Context => ({ session, scope: { sources: [] } })

/** The value as the column keeps it. */
export function fitColumn(table: Table, position: number, value: Value, type: SqlType): Value {
  const column = table.columns[position]
  if (!column) throw new RangeError(`${table.fullName} has no column ${position}`)
  return convertForColumn(value, type, column.type, { table: table.fullName, column: column.name })
}

/** Fills a row from values for some columns; the others take their default. */
export function makeRow(session: Session, table: Table, positions: readonly number[], values: readonly Value[]): Row {
  return table.columns.map((column, position) => {
    const given = positions.indexOf(position)
    if (given >= 0) {
      const value = values[given] ?? null
      if (column.identity && typeof value === 'bigint') table.raiseIdentity(column.identity, value)
      return value
    }
    if (column.identity) return table.takeIdentity(column.identity)
    if (!column.fallback) return null
    const fallback = compile(column.fallback, outermost(session))
    return fitColumn(table, position, fallback.run([]), fallback.type)
  })
}

export function positionsOf(table: Table, columns: readonly string[] | undefined): number[] {
  if (columns) return columns.map((name) => table.position(name))
  return table.columns.flatMap((column, position) => (column.identity ? [] : [position]))
}

/** `INSERT … SELECT` and `INSERT … VALUES`: returns how many rows. */
export function insertRows(session: Session, statement: Of<'insert'> | Of<'insertValues'>): number {
  const table = session.writableTable(statement.table, 'INSERT')
  const positions = positionsOf(table, statement.columns)
  checkIdentityInsert(session, table, positions)
  const { rows, types } = statement.kind === 'insert' ? selected(session, statement) : listed(session, statement)
  if (types.some((row) => row.length !== positions.length)) {
    throw new SqlError(213, 'Column name or number of supplied values does not match table definition.', {
      reach: 'batch',
    })
  }
  for (const [index, row] of rows.entries()) {
    const rowTypes = types[index] ?? types[0] ?? []
    const values = positions.map((position, at) => fitColumn(table, position, row[at] ?? null, typeAt(rowTypes, at)))
    table.insert(makeRow(session, table, positions, values), session.undoLog)
  }
  return rows.length
}

function typeAt(types: readonly SqlType[], index: number): SqlType {
  const type = types[index]
  if (!type) throw new RangeError('A row has more values than types')
  return type
}

function selected(session: Session, statement: Of<'insert'>) {
  const plan = planSelect(statement.select, outermost(session))
  return { rows: [...plan.rows([])], types: [plan.columns.map((column) => column.type)] }
}

function listed(session: Session, statement: Of<'insertValues'>) {
  const compiled = statement.rows.map((row) => row.map((item) => compile(item, outermost(session))))
  return {
    rows: compiled.map((row) => row.map((item) => item.run([]))),
    types: compiled.map((row) => row.map((item) => item.type)),
  }
}

/** `UPDATE … [FROM …]`: a row that several others match takes the first. */
export function updateRows(session: Session, statement: Of<'update'>): number {
  const { table, context, join, source } = bindTarget(session, statement, 'UPDATE')
  const assign = bindAssignments(table, statement.assignments, context)
  const numbers = rowNumbers(table)
  const changes = new Map<number, Row>()
  for (const frame of join.run([])) {
    const row = frame[source.slot]
    const number = row && numbers.get(row)
    if (row && number !== undefined && !changes.has(number)) changes.set(number, assign(row, frame))
  }
  table.replace(changes, session.undoLog)
  return changes.size
}

/** `DELETE … [FROM …]`. */
export function deleteRows(session: Session, statement: Of<'delete'>): number {
  const { table, join, source } = bindTarget(session, statement, 'DELETE')
  const numbers = rowNumbers(table)
  const doomed = new Set<number>()
  for (const frame of join.run([])) {
    const number = numbers.get(frame[source.slot] ?? [])
    if (number !== undefined) doomed.add(number)
  }
  for (const number of doomed) table.delete(number, session.undoLog)
  return doomed.size
}

function rowNumbers(table: Table): Map<Row, number> {
  return new Map([...table.rows].map(([number, row]) => [row, number]))
}

interface Targeted {
  readonly target: Name
  readonly from?: From
  readonly where?: Expression
}

/** The target is an alias of FROM, or a table of its own. */
function bindTarget(session: Session, statement: Targeted, permission: string) {
  const from: From = statement.from ?? { first: { kind: 'table', name: statement.target }, joins: [] }
  const join = planJoin(from, statement.where, outermost(session))
  const alias = statement.target.at(-1) ?? ''
  const source = join.scope.sources.find((candidate) => candidate.alias.toLowerCase() === alias.toLowerCase())
  if (!source?.table) throw new SqlError(208, `Invalid object name '${alias}'.`, { reach: 'batch' })
  session.checkWritable(source.table, permission)
  const context: Context = { session, scope: join.scope }
  return { table: source.table, source, join, context }
}

type Assign = (row: Row, frame: Row[]) => Row

function bindAssignments(table: Table, assignments: readonly Assignment[], context: Context): Assign {
  const bound = assignments.map(({ column, expression }) => {
    const position = table.position(column)
    checkIdentityUpdate(table, position)
    return { position, value: compile(expression, context) }
  })
  return (row, frame) => {
    const changed = [...row]
    for (const { position, value } of bound)
      changed[position] = fitColumn(table, position, value.run(frame), value.type)
    return changed
  }
}

/** `MERGE`: a row of the target that two of the source match is error 8672. */
export function mergeRows(session: Session, statement: Of<'merge'>): number {
  const table = session.writableTable(statement.target, 'UPDATE')
  const target: From['first'] = { kind: 'table', name: statement.target, alias: statement.alias }
  const from: From = { first: statement.source, joins: [{ how: 'left', source: target, on: statement.on }] }
  const join = planJoin(from, undefined, outermost(session))
  const source = join.scope.sources[1]
  if (!source) throw new RangeError('MERGE without a target')
  const context: Context = { session, scope: join.scope }
  const apply = new Merge(
    session,
    table,
    source,
    statement.clauses.map((clause) => bindClause(table, clause, context)),
  )
  for (const frame of join.run([])) apply.take(frame)
  return apply.finish()
}

interface BoundClause {
  readonly matched: boolean
  readonly condition: Compiled | undefined
  readonly kind: 'update' | 'insert' | 'delete'
  readonly make: Assign
}

function bindClause(table: Table, clause: Of<'merge'>['clauses'][number], context: Context): BoundClause {
  const { action, matched } = clause
  const condition = clause.condition ? compile(clause.condition, context) : undefined
  if (action.kind === 'delete') return { matched, condition, kind: 'delete', make: (row) => row }
  if (action.kind === 'update')
    return { matched, condition, kind: 'update', make: bindAssignments(table, action.assignments, context) }
  const positions = positionsOf(table, action.columns)
  checkIdentityInsert(context.session, table, positions)
  const values = action.values.map((value) => compile(value, context))
  const make: Assign = (_row, frame) => {
    const fitted = values.map((value, index) => fitColumn(table, positions[index] ?? -1, value.run(frame), value.type))
    return makeRow(context.session, table, positions, fitted)
  }
  return { matched, condition, kind: 'insert', make }
}

class Merge {
  readonly #session: Session
  readonly #table: Table
  readonly #target: BoundSource
  readonly #clauses: readonly BoundClause[]
  readonly #numbers: Map<Row, number>
  readonly #updates = new Map<number, Row>()
  readonly #deletes = new Set<number>()
  readonly #inserts: Row[] = []

  constructor(session: Session, table: Table, target: BoundSource, clauses: readonly BoundClause[]) {
    this.#session = session
    this.#table = table
    this.#target = target
    this.#clauses = clauses
    this.#numbers = rowNumbers(table)
  }

  take(frame: Row[]): void {
    const row = frame[this.#target.slot] ?? []
    const number = this.#numbers.get(row)
    const applies = (clause: BoundClause) =>
      clause.matched === (number !== undefined) && (clause.condition?.run(frame) ?? 1n) === 1n
    const clause = this.#clauses.find(applies)
    if (!clause) return
    if (number === undefined) this.#inserts.push(clause.make(row, frame))
    else this.#change(number, clause, clause.make(row, frame))
  }

  #change(number: number, clause: BoundClause, row: Row): void {
    if (this.#updates.has(number) || this.#deletes.has(number)) {
      throw new SqlError(8672, 'The MERGE statement attempted to UPDATE or DELETE the same row more than once.')
    }
    if (clause.kind === 'delete') this.#deletes.add(number)
    else this.#updates.set(number, row)
  }

  finish(): number {
    const log = this.#session.undoLog
    for (const number of this.#deletes) this.#table.delete(number, log)
    this.#table.replace(this.#updates, log)
    for (const row of this.#inserts) this.#table.insert(row, log)
    return this.#deletes.size + this.#updates.size + this.#inserts.length
  }
}
