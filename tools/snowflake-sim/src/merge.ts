import type { MergeClause, Statement } from './ast.js'
import { compile } from './compile.js'
import { assignments, matchesCondition, rowBuilder, scopeColumns, type Target } from './dml.js'
import { prepareJoin } from './join.js'
import { compileSource } from './query.js'
import { countsOutcome, type Outcome, statementTypes, writeValue } from './result.js'
import type { Scope } from './scope.js'
import { duplicateMergeRow } from './sql-error.js'
import type { Row } from './value.js'

type Merge = Extract<Statement, { kind: 'merge' }>
type Change = { readonly kind: 'delete' } | { readonly kind: 'update'; readonly row: Row }

/** MERGE: the first WHEN clause whose condition holds applies to each pair, as the service does it. */
export function mergeRows(statement: Merge, target: Target, strict: boolean): Outcome {
  const own = scopeColumns(target.table, statement.table.alias)
  const source = compileSource(statement.source, target.context)
  const scope: Scope = { columns: [...own, ...source.columns] }
  const sourceRows = source.rows()
  const matcher = prepareJoin(statement.on, scope, own.length, target.context)(sourceRows)
  const change = compileChanges(statement.clauses, target, scope)
  const matched = new Set<number>()
  const counts = { inserted: 0, updated: 0, deleted: 0 }
  const kept: Row[] = []
  for (const row of target.rows) {
    const found = matcher.matches(row, undefined)
    for (const position of found) matched.add(position)
    const changes = found.flatMap((position) => change(row, [...row, ...(sourceRows[position] ?? [])]) ?? [])
    const chosen = chooseChange(changes, row, target, strict)
    if (chosen?.kind === 'delete') counts.deleted += 1
    else kept.push(chosen?.row ?? row)
    if (chosen?.kind === 'update') counts.updated += 1
  }
  const insert = compileInserts(statement.clauses, target, scope, own.length)
  const unmatched = sourceRows.filter((_, position) => !matched.has(position))
  const added = unmatched.flatMap((row) => insert(row) ?? [])
  counts.inserted = added.length
  target.write([...kept, ...added])
  return countsOutcome(presentCounts(statement.clauses, counts), statementTypes.merge)
}

/** Several deletes of one row agree; anything else twice is the service's "duplicate row" error. */
function chooseChange(changes: readonly Change[], row: Row, target: Target, strict: boolean): Change | undefined {
  const agreed = changes.length < 2 || changes.every((change) => change.kind === 'delete')
  if (!agreed && strict) {
    const values = row.map((value, index) => {
      const type = target.table.columns[index]?.type
      return type === undefined ? null : writeValue(value, type)
    })
    throw duplicateMergeRow(JSON.stringify(values))
  }
  return changes[0]
}

function compileChanges(clauses: readonly MergeClause[], target: Target, scope: Scope) {
  const inner = (expression: Parameters<typeof compile>[0]) => compile(expression, scope, target.context)
  const compiled = clauses.flatMap(({ condition, action }) => {
    if (action.kind === 'insert') return []
    const assign = action.kind === 'update' ? assignments(action.assignments, target.table, inner) : undefined
    return [{ condition: condition && inner(condition), assign }]
  })
  return (row: Row, joined: Row): Change | undefined => {
    const clause = compiled.find(({ condition }) => matchesCondition(condition, joined))
    if (clause === undefined) return undefined
    return clause.assign === undefined ? { kind: 'delete' } : { kind: 'update', row: clause.assign(row, joined) }
  }
}

/** NOT MATCHED clauses see the source's columns; the target's read as NULL. */
function compileInserts(clauses: readonly MergeClause[], target: Target, scope: Scope, width: number) {
  const padding = new Array<null>(width).fill(null)
  const inner = (expression: Parameters<typeof compile>[0]) => compile(expression, scope, target.context)
  const compiled = clauses.flatMap(({ condition, action }) => {
    if (action.kind !== 'insert') return []
    const values = action.values.map(inner)
    const build = rowBuilder(
      target.table,
      action.columns,
      values.map((value) => value.type),
    )
    return [{ condition: condition && inner(condition), values, build }]
  })
  return (row: Row): readonly Row[] | undefined => {
    const joined = [...padding, ...row]
    const clause = compiled.find(({ condition }) => matchesCondition(condition, joined))
    return clause && [clause.build(clause.values.map((value) => value.run({ row: joined })))]
  }
}

/** The service reports a count per kind of clause that the statement has. */
function presentCounts(
  clauses: readonly MergeClause[],
  counts: Readonly<Record<'inserted' | 'updated' | 'deleted', number>>,
) {
  const kinds = [
    ['insert', 'inserted'],
    ['update', 'updated'],
    ['delete', 'deleted'],
  ] as const
  return kinds
    .filter(([kind]) => clauses.some((clause) => clause.action.kind === kind))
    .map(([, word]) => [`number of rows ${word}`, counts[word]] as const)
}
