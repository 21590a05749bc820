import type { Assignment, Expression, QualifiedName, Statement, TableSource } from './ast.js'
import { castValue } from './cast.js'
import type { Column, Table } from './catalog.js'
import { compile, truth } from './compile.js'
import { prepareJoin } from './join.js'
import { compileSource, type QueryContext, type Relation } from './query.js'
import { countsOutcome, type Outcome, statementTypes } from './result.js'
import type { Compiled, ScopeColumn } from './scope.js'
import { columnMissing, nullRefused, typeMismatch, wrongColumnCount } from './sql-error.js'
import { isSemiStructured, type SqlType, textType, typeText } from './sql-type.js'
import type { Row, Value } from './value.js'

/** A table that a statement writes, with what it needs to read others. */
export interface Target {
  readonly table: Table
  readonly rows: readonly Row[]
  readonly context: QueryContext
  write(rows: readonly Row[]): void
}

export type Store = (value: Value) => Value

/** Assignment to a column: the types must allow it, and the value must fit. */
export function storeInto(column: Column, from: SqlType): Store {
  const intoJson = isSemiStructured(column.type)
  if (intoJson && !isSemiStructured(from) && from !== textType) {
    throw typeMismatch(column.type.name, typeText(from), column.name)
  }
  return (value) => {
    if (value === null && !column.nullable) throw nullRefused()
    if (value !== null && intoJson && !isSemiStructured(from)) {
      throw typeMismatch(column.type.name, typeText(from), column.name)
    }
    return castValue(value, from, column.type)
  }
}

export function positionOf(table: Table, name: string): number {
  const position = table.columns.findIndex((column) => column.name === name)
  if (position < 0) throw columnMissing(name)
  return position
}

/** Places values given for some columns into a full row; the others become NULL where they may. */
export function rowBuilder(table: Table, names: readonly string[], types: readonly SqlType[]) {
  const columns = names.length === 0 ? table.columns.map((column) => column.name) : names
  if (columns.length !== types.length) throw wrongColumnCount(columns.length, types.length)
  const sources = columns.map((name) => positionOf(table, name))
  const slots = table.columns.map((column, position) => {
    const index = sources.indexOf(position)
    return { index, store: storeInto(column, types[index] ?? textType) }
  })
  return (values: Row): Row => slots.map(({ index, store }) => store(values[index] ?? null))
}

export function insertRows(
  statement: Extract<Statement, { kind: 'insert' }>,
  target: Target,
  bindRows: BindRows,
): Outcome {
  const relation = compileSource(statement.source, target.context)
  const build = rowBuilder(
    target.table,
    statement.columns,
    relation.columns.map((column) => column.type),
  )
  const added: Row[] = []
  bindRows.each(() => {
    for (const row of relation.rows()) added.push(build(row))
  })
  target.write(statement.overwrite ? added : [...target.rows, ...added])
  return countsOutcome([['number of rows inserted', added.length]], statementTypes.insert)
}

/** Runs a statement once per bound row, or once when the binds are single values. */
export interface BindRows {
  each(run: () => void): void
}

export const scopeColumns = (table: Table, alias: string): readonly ScopeColumn[] =>
  table.columns.map(({ name, type }) => ({ qualifier: alias, name, type }))

export const targetName = (source: TableSource): QualifiedName => {
  if (source.kind !== 'table') throw columnMissing(source.alias)
  return source.name
}

/** For each row of the target, the rows of the other table that it meets. */
export function pairRows(target: Target, alias: string, other: Relation | undefined, where: Expression | undefined) {
  const own = scopeColumns(target.table, alias)
  const columns = [...own, ...(other?.columns ?? [])]
  const always: Expression = { kind: 'boolean', value: true }
  const otherRows = other === undefined ? [[]] : other.rows()
  const matcher = prepareJoin(where ?? always, { columns }, own.length, target.context)(otherRows)
  const matches = (row: Row) => matcher.matches(row, undefined)
  return { columns, otherRows, matches }
}

export function deleteRows(statement: Extract<Statement, { kind: 'delete' }>, target: Target): Outcome {
  const other = statement.using && compileSource(statement.using, target.context)
  const { matches } = pairRows(target, statement.table.alias, other, statement.where)
  const kept = target.rows.filter((row) => matches(row).length === 0)
  target.write(kept)
  return countsOutcome([['number of rows deleted', target.rows.length - kept.length]], statementTypes.delete)
}

export function updateRows(statement: Extract<Statement, { kind: 'update' }>, target: Target): Outcome {
  const other = statement.from && compileSource(statement.from, target.context)
  const { columns, otherRows, matches } = pairRows(target, statement.table.alias, other, statement.where)
  const assign = assignments(statement.assignments, target.table, (value) =>
    compile(value, { columns }, target.context),
  )
  let updated = 0
  let several = 0
  const rows = target.rows.map((row) => {
    const found = matches(row)
    const first = found[0]
    if (first === undefined) return row
    updated += 1
    if (found.length > 1) several += 1
    return assign(row, [...row, ...(otherRows[first] ?? [])])
  })
  target.write(rows)
  return countsOutcome(
    [
      ['number of rows updated', updated],
      ['number of multi-joined rows updated', several],
    ],
    statementTypes.update,
  )
}

/** Compiles `SET a = …, b = …` into a function from the old row and the joined row to the new one. */
export function assignments(
  list: readonly Assignment[],
  table: Table,
  compileValue: (value: Expression) => Compiled,
): (row: Row, joined: Row) => Row {
  const compiled = list.map(({ column, value }) => {
    const position = positionOf(table, column)
    const expression = compileValue(value)
    const definition = table.columns[position]
    if (definition === undefined) throw columnMissing(column)
    return { position, expression, store: storeInto(definition, expression.type) }
  })
  return (row, joined) => {
    const changed = [...row]
    for (const { position, expression, store } of compiled) changed[position] = store(expression.run({ row: joined }))
    return changed
  }
}

export const matchesCondition = (condition: Compiled | undefined, row: Row) =>
  condition === undefined || truth(condition.run({ row }))
