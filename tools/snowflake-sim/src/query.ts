import { compileAggregate, isAggregate } from './aggregate.js'
import type { Expression, Query, SelectItem, TableSource } from './ast.js'
import { castValue } from './cast.js'
import { compareValues, equalityKey } from './compare.js'
import { compile, truth } from './compile.js'
import { conjuncts, frameOf, prepareJoin } from './join.js'
import type { CompileContext, Compiled, CompiledQuery, Frame, Scope, ScopeColumn, Window } from './scope.js'
import { unsupported } from './sql-error.js'
import { commonType, textType } from './sql-type.js'
import type { Row } from './value.js'

/** Tables as a query sees them: columns now, rows when it runs. */
export interface Relation {
  readonly columns: readonly ScopeColumn[]
  rows(parent?: Frame): readonly Row[]
}

export interface QueryContext extends CompileContext {
  table(source: Extract<TableSource, { kind: 'table' }>): Relation
}

export function compileSource(source: TableSource, context: QueryContext, parent?: Scope): Relation {
  if (source.kind === 'table') return context.table(source)
  const inner =
    source.kind === 'query' ? compileQuery(source.query, context, parent) : compileValues(source.rows, context)
  const columns = inner.columns.map((column, index) => ({
    ...column,
    qualifier: source.alias,
    name: source.columns?.[index] ?? column.name,
  }))
  return { columns, rows: (frame) => inner.run(frame) }
}

/** Columns of VALUES are COLUMN1, COLUMN2, … */
export function compileValues(rows: readonly (readonly Expression[])[], context: QueryContext): CompiledQuery {
  const compiled = rows.map((row) => row.map((value) => compile(value, { columns: [] }, context)))
  const width = compiled[0]?.length ?? 0
  const columns = Array.from({ length: width }, (_, index) => ({
    qualifier: '',
    name: `COLUMN${index + 1}`,
    type: compiled.map((row) => row[index]?.type ?? textType).reduce(commonType),
  }))
  return {
    columns,
    references: [],
    run: () =>
      compiled.map((row) =>
        row.map((value, index) => {
          const type = columns[index]?.type ?? value.type
          const computed = value.run({ row: [] })
          return type.name === value.type.name ? computed : castValue(computed, value.type, type)
        }),
      ),
  }
}

export function compileQuery(query: Query, outer: QueryContext, parent?: Scope): CompiledQuery {
  const windows: Window[] = []
  const context: QueryContext = { ...outer, windows }
  const { relation, scope, references: filterReferences } = compileFrom(query, context, parent)
  const items = query.items.flatMap((item) => expandItem(item, scope))
  const aggregated = query.groupBy.length > 0 || items.some((item) => isAggregate(item.expression))
  if (aggregated && query.qualify !== undefined) throw unsupported('QUALIFY with aggregates')
  const outputs = items.map((item) => ({
    name: item.name,
    value: aggregated
      ? compileAggregate(item.expression, scope, context)
      : plain(compile(item.expression, scope, context)),
  }))
  const groupBy = query.groupBy.map((key) => compile(key, scope, context))
  const qualify = query.qualify && compile(query.qualify, scope, context)
  const aliases: Scope = {
    columns: [...outputs.map(({ name, value }) => ({ qualifier: '', name, type: value.type }))],
    ...(aggregated ? {} : { parent: scope }),
  }
  const orderBy = query.orderBy.map((item) => ({
    key: compile(item.expression, aliases, context),
    descending: item.descending,
  }))
  const union = query.unionAll && compileQuery(query.unionAll, context, parent)

  const run = (frame?: Frame): readonly Row[] => {
    let rows = relation.rows(frame)
    for (const window of windows) window.numbers = numberRows(rows, window, frame)
    if (qualify !== undefined) rows = rows.filter((row) => truth(qualify.run(frameOf(row, frame))))
    const groups = aggregated ? groupRows(rows, groupBy, frame) : rows.map((row) => [row])
    let produced = groups.map((group) => ({
      source: group[0] ?? [],
      row: outputs.map(({ value }) => value.run(group, frame)) as Row,
    }))
    if (query.distinct) produced = withoutDuplicates(produced)
    for (const row of union?.run(frame) ?? []) produced.push({ source: [], row })
    const sorted =
      orderBy.length === 0 ? produced : produced.sort((left, right) => compareProduced(left, right, orderBy))
    return sorted.slice(0, query.limit).map(({ row }) => row)
  }
  const own = [...filterReferences, ...outputs.flatMap(({ value }) => value.references)]
  const references = own.filter(({ depth }) => depth > 0).map(({ depth, index }) => ({ depth: depth - 1, index }))
  return { columns: aliases.columns, references, run }
}

const plain = (compiled: Compiled) => ({
  type: compiled.type,
  references: compiled.references,
  run: (group: readonly Row[], parent?: Frame) => compiled.run(frameOf(group[0] ?? [], parent)),
})

/** FROM, joins and WHERE: the rows that the select list is computed of. */
function compileFrom(query: Query, context: QueryContext, parent?: Scope) {
  const scopeOf = (columns: readonly ScopeColumn[]): Scope => (parent === undefined ? { columns } : { columns, parent })
  const oneRow: Relation = { columns: [], rows: () => [[]] }
  let relation = query.from === undefined ? oneRow : compileSource(query.from, context)
  for (const join of query.joins) {
    const left = relation
    const right = compileSource(join.source, context)
    const columns = [...left.columns, ...right.columns]
    const prepare = prepareJoin(join.on, scopeOf(columns), left.columns.length, context)
    const empty = right.columns.map(() => null)
    relation = {
      columns,
      rows: (frame) => {
        const rightRows = right.rows(frame)
        const matcher = prepare(rightRows, frame)
        return left.rows(frame).flatMap((row) => {
          const found = matcher.matches(row, frame).map((position) => [...row, ...(rightRows[position] ?? [])])
          return found.length === 0 && join.kind === 'left' ? [[...row, ...empty]] : found
        })
      },
    }
  }
  const scope = scopeOf(relation.columns)
  return { scope, ...filterRelation(relation, query.where, scope, context) }
}

/** A correlated equality becomes an index over the inner rows, kept while they are the same rows. */
function filterRelation(relation: Relation, where: Expression | undefined, scope: Scope, context: QueryContext) {
  if (where === undefined) return { relation, references: [] }
  const references = conjuncts(where).flatMap((part) => compile(part, scope, { ...context, windows: [] }).references)
  const prepare = prepareJoin(where, scope, 0, context)
  let indexed: { readonly rows: readonly Row[]; readonly matcher: ReturnType<typeof prepare> } | undefined
  const rows = (frame?: Frame) => {
    const all = relation.rows(frame)
    if (indexed?.rows !== all) indexed = { rows: all, matcher: prepare(all, frame) }
    return indexed.matcher.matches([], frame).map((position) => all[position] ?? [])
  }
  return { relation: { columns: relation.columns, rows }, references }
}

function expandItem(
  item: SelectItem,
  scope: Scope,
): readonly { readonly name: string; readonly expression: Expression }[] {
  if (item.kind === 'all') {
    return scope.columns
      .filter((column) => item.qualifier === undefined || column.qualifier === item.qualifier)
      .map((column) => ({
        name: column.name,
        expression: { kind: 'column', path: column.qualifier === '' ? [column.name] : [column.qualifier, column.name] },
      }))
  }
  return [{ name: item.alias ?? outputName(item.expression), expression: item.expression }]
}

function outputName(expression: Expression): string {
  if (expression.kind === 'column') return expression.path.at(-1) ?? ''
  if (expression.kind === 'call') return `${expression.name}()`
  if (expression.kind === 'count-all') return 'COUNT(*)'
  if (expression.kind === 'text' || expression.kind === 'number') return expression.value
  return expression.kind.toUpperCase()
}

function groupRows(rows: readonly Row[], groupBy: readonly Compiled[], frame?: Frame): readonly (readonly Row[])[] {
  if (groupBy.length === 0) return [rows]
  const groups = new Map<string, Row[]>()
  for (const row of rows) {
    const key = keyText(groupBy, row, frame)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [row])
    else group.push(row)
  }
  return [...groups.values()]
}

const keyText = (keys: readonly Compiled[], row: Row, frame?: Frame) =>
  JSON.stringify(keys.map((key) => equalityKey(key.run(frameOf(row, frame))) ?? null))

function numberRows(rows: readonly Row[], window: Window, frame?: Frame): ReadonlyMap<Row, number> {
  const numbers = new Map<Row, number>()
  for (const group of window.partitionBy.length === 0 ? [rows] : groupRows(rows, window.partitionBy, frame)) {
    const sorted = [...group].sort((left, right) =>
      compareRows(frameOf(left, frame), frameOf(right, frame), window.orderBy),
    )
    sorted.forEach((row, index) => {
      numbers.set(row, index + 1)
    })
  }
  return numbers
}

interface Produced {
  readonly source: Row
  readonly row: Row
}

type OrderKeys = Window['orderBy']

const compareProduced = (left: Produced, right: Produced, keys: OrderKeys) =>
  compareRows({ row: left.row, parent: { row: left.source } }, { row: right.row, parent: { row: right.source } }, keys)

/** NULL sorts last upwards, first downwards, as the service does by default. */
function compareRows(left: Frame, right: Frame, keys: OrderKeys): number {
  for (const { key, descending } of keys) {
    const [first, second] = [key.run(left), key.run(right)]
    const order = compareValues(first, second) ?? Number(first === null) - Number(second === null)
    if (order !== 0) return descending ? -order : order
  }
  return 0
}

function withoutDuplicates(produced: readonly Produced[]): Produced[] {
  const seen = new Map<string, Produced>()
  for (const item of produced) {
    const key = JSON.stringify(item.row.map((value) => equalityKey(value) ?? null))
    if (!seen.has(key)) seen.set(key, item)
  }
  return [...seen.values()]
}
