import type { Expression, Name, Select, Statement } from '../sql/ast.js'
import { deleteRows, insertRows, mergeRows, updateRows } from './change-rows.js'
import * as tables from './change-tables.js'
import { compile } from './compile.js'
import { convert } from './convert.js'
import { setIdentityInsert } from './identity.js'
import { Cancelled } from './locks.js'
import { executeProcedure } from './procedures.js'
import { planSelect, type ResultColumn } from './select.js'
import type { Session } from './session.js'
import { SqlError } from './sql-error.js'
import type { Row } from './table.js'
import type { Value } from './types.js'

/** Where the results of statements go. */
export interface ResultSink {
  /** Columns and rows of a SELECT. */
  readonly result: (columns: readonly ResultColumn[], rows: readonly Row[]) => void
  /** A statement ended; with the number of rows where it counts any. */
  readonly done: (rowCount?: number) => void
  readonly error: (error: SqlError) => void
  /** A transaction began or ended. */
  readonly transaction: (change: 'begin' | 'commit' | 'rollback') => void
  /** The rows of a bulk load will follow for this table. */
  readonly bulk: (table: Name, columns: readonly string[]) => void
}

/** Runs statements one after another until one stops the batch. Resolves to whether all may have run. */
export async function executeAll(
  session: Session,
  statements: readonly Statement[],
  sink: ResultSink,
): Promise<boolean> {
  for (const statement of statements) if (!(await executeOne(session, statement, sink))) return false
  return true
}

async function executeOne(session: Session, statement: Statement, sink: ResultSink): Promise<boolean> {
  if (statement.kind === 'block') return executeAll(session, statement.statements, sink)
  const mark = session.undoLog.length
  try {
    if (statement.kind === 'if') return await executeIf(session, statement, sink)
    const tables = tablesOf(session, statement)
    const { locks } = session.database
    while (!locks.tryTables(session, tables, !readers.includes(statement.kind)))
      await locks.awaitTables(session, tables)
    if (statement.kind === 'execute') await executeProcedure(session, statement)
    const count = execute(session, statement, sink)
    session.lastError = 0
    if (countsRows(statement)) session.rowCount = count ?? 0
    sink.done(session.options.noCount ? undefined : count)
    session.endStatement()
    return true
  } catch (error) {
    if (error instanceof Cancelled && session.options.xactAbort && session.transactionDepth > 0) {
      session.abandon()
      sink.transaction('rollback')
    }
    if (!(error instanceof SqlError)) throw error
    if (statement.line !== undefined) error.line = statement.line
    return fail(session, error, mark, sink)
  }
}

/** Takes back what the error takes down; returns whether the batch goes on. */
export function fail(session: Session, error: SqlError, mark: number, sink: ResultSink): boolean {
  session.undoTo(mark)
  session.lastError = error.number
  sink.error(error)
  const ends = error.reach === 'transaction' || error.reach === 'connection' || session.options.xactAbort
  if (ends && session.transactionDepth > 0) {
    session.abandon()
    sink.transaction('rollback')
  }
  session.endStatement()
  return error.reach === 'statement' && !session.options.xactAbort
}

function executeIf(
  session: Session,
  statement: Extract<Statement, { kind: 'if' }>,
  sink: ResultSink,
): Promise<boolean> {
  const branch = evaluate(session, statement.condition) === 1n ? statement.then : statement.otherwise
  return branch ? executeOne(session, branch, sink) : Promise.resolve(true)
}

function evaluate(session: Session, expression: Expression): Value {
  return compile(expression, { session, scope: { sources: [] } }).run([])
}

const countsRows = ({ kind }: Statement) =>
  ['select', 'insert', 'insertValues', 'update', 'delete', 'merge'].includes(kind)

const readers: readonly string[] = ['select', 'declare', 'setVariable', 'setIdentityInsert', 'if']

/** The permanent tables that the statement names: they are locked as a whole, exclusively unless it only reads. */
function tablesOf(session: Session, statement: Statement): string[] {
  const names = [...tableNames(statement)].flatMap((name) => {
    const table = session.findTable(name)
    return table && !table.temporary ? [table.fullName] : []
  })
  return [...new Set(names)]
}

function* tableNames(node: unknown): Iterable<Name> {
  if (typeof node !== 'object' || node === null || node instanceof Uint8Array) return
  for (const [key, value] of Object.entries(node)) {
    const isName = key === 'table' || key === 'target' || (key === 'name' && 'kind' in node && node.kind === 'table')
    if (isName && isNameList(value)) yield value
    else yield* tableNames(value)
  }
}

const isNameList = (value: unknown): value is Name =>
  Array.isArray(value) && value.every((part) => typeof part === 'string')

/** Runs one statement; returns how many rows it counts. */
function execute(session: Session, statement: Statement, sink: ResultSink): number | undefined {
  switch (statement.kind) {
    case 'select':
      return executeSelect(session, statement.select, sink)
    case 'insert':
    case 'insertValues':
      return insertRows(session, statement)
    case 'update':
      return updateRows(session, statement)
    case 'delete':
      return deleteRows(session, statement)
    case 'merge':
      return mergeRows(session, statement)
    case 'insertBulk':
      session.writableTable(statement.table, 'INSERT')
      sink.bulk(statement.table, statement.columns)
      return undefined
    default:
      executeDefinition(session, statement, sink)
      return undefined
  }
}

function executeDefinition(session: Session, statement: Statement, sink: ResultSink): void {
  switch (statement.kind) {
    case 'createTable':
      tables.createTable(session, statement)
      break
    case 'addColumns':
      tables.addColumns(session, statement)
      break
    case 'addKey':
      tables.addKey(session, statement)
      break
    case 'alterColumn':
      tables.alterColumn(session, statement)
      break
    case 'dropColumns':
      tables.dropColumns(session, statement)
      break
    case 'dropTable':
      tables.dropTables(session, statement)
      break
    case 'truncate':
      tables.truncateTable(session, statement.table)
      break
    case 'createSchema':
      tables.createSchema(session, statement.name)
      break
    default:
      executeControl(session, statement, sink)
  }
}

function executeControl(session: Session, statement: Statement, sink: ResultSink): void {
  switch (statement.kind) {
    case 'begin':
      session.begin()
      if (session.transactionDepth === 1) sink.transaction('begin')
      return
    case 'commit':
      session.commit()
      if (session.transactionDepth === 0) sink.transaction('commit')
      return
    case 'rollback':
      session.rollback()
      sink.transaction('rollback')
      return
    case 'declare': {
      const value = statement.value ? compile(statement.value, { session, scope: { sources: [] } }) : undefined
      const converted = value ? convert(value.run([]), value.type, statement.type) : null
      session.variables.set(statement.variable, { type: statement.type, value: converted })
      return
    }
    case 'execute':
      break
    case 'setVariable':
      assign(session, statement.variable, statement.value)
      break
    case 'setOption':
      setOption(session, statement.option, statement.on)
      break
    case 'setIdentityInsert':
      setIdentityInsert(session, session.requireTable(statement.table), statement.on)
      break
    case 'raise':
      throw new SqlError(Number(evaluate(session, statement.number)), String(evaluate(session, statement.message)), {
        state: Number(evaluate(session, statement.state)),
        reach: 'batch',
      })
    default:
      throw new RangeError(`No way to execute ${statement.kind}`)
  }
}

function assign(session: Session, variable: string, expression: Expression): void {
  const { type } = session.variable(variable)
  const value = compile(expression, { session, scope: { sources: [] } })
  session.variables.set(variable, { type, value: convert(value.run([]), value.type, type) })
}

function setOption(session: Session, option: string, on: boolean): void {
  if (option === 'xact_abort') session.options = { ...session.options, xactAbort: on }
  if (option === 'nocount') session.options = { ...session.options, noCount: on }
}

function executeSelect(session: Session, select: Select, sink: ResultSink): number {
  const plan = planSelect(select, { session, scope: { sources: [] } })
  const rows = [...plan.rows([])]
  const assigned = select.items.flatMap((item, index) =>
    item.kind === 'assign' ? [{ variable: item.variable, index }] : [],
  )
  if (assigned.length > 0) assignLast(session, assigned, rows, plan.columns)
  else if (select.into) selectInto(session, select.into, plan.columns, rows)
  else sink.result(plan.columns, rows)
  return rows.length
}

function assignLast(
  session: Session,
  assigned: readonly { variable: string; index: number }[],
  rows: readonly Row[],
  columns: readonly ResultColumn[],
): void {
  const last = rows.at(-1)
  if (!last) return
  for (const { variable, index } of assigned) {
    const { type } = session.variable(variable)
    const value = convert(last[index] ?? null, columns[index]?.type ?? type, type)
    session.variables.set(variable, { type, value })
  }
}

function selectInto(session: Session, into: Name, columns: readonly ResultColumn[], rows: readonly Row[]): void {
  session.createTable(
    into,
    columns.map((column) => ({ ...column, nullable: true })),
    [],
  )
  const table = session.requireTable(into)
  for (const row of rows) table.insert(row, session.undoLog)
}
