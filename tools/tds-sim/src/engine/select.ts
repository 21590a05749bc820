import type { Expression, Select, SelectItem } from '../sql/ast.js'
import { compareValues, equalityKey } from './compare.js'
import { type Compiled, type Context, compile } from './compile.js'
import { aggregates } from './compile-call.js'
import { convert } from './convert.js'
import { type JoinPlan, planJoin } from './join.js'
import type { BoundSource, Frame } from './scope.js'
import { SqlError } from './sql-error.js'
import { joinKeys, type Row } from './table.js'
import type { SqlType, Value } from './types.js'

export interface ResultColumn {
  readonly name: string
  readonly type: SqlType
}

/** A SELECT ready to run. */
export interface SelectPlan {
  readonly columns: readonly ResultColumn[]
  /** The slot under which an outer query sees its rows. */
  readonly slot: number
  readonly outerSlots: ReadonlySet<number>
  readonly rows: (frame: Frame) => Iterable<Row>
}

/** Binds a SELECT. Its frame is shared with the outer query, so that it may read the outer query's rows. */
export function planSelect(select: Select, outer: Context): SelectPlan {
  const join = planJoin(select.from, select.where, outer)
  const group: { frames: readonly Frame[] } = { frames: [] }
  const grouped = select.groupBy.length > 0 || select.items.some(hasAggregate)
  const context: Context = { session: outer.session, scope: join.scope, ...(grouped ? { group } : {}) }
  const items = select.items.flatMap((item) => expand(item, join.scope.sources, context))
  const keys = select.groupBy.map((key) => compile(key, context))
  const frames = grouped ? (frame: Frame) => groups(join, frame, keys, group) : (frame: Frame) => join.run(frame)
  const produce = ordered(select, items, frames, context)
  const columns = items.map(({ name, compiled }) => ({ name, type: compiled.type }))
  const own = new Set(join.scope.sources.map((source) => source.slot))
  const read = items.flatMap((item) => [...item.compiled.slots]).filter((slot) => !own.has(slot))
  const more = select.unionAll ? planSelect(select.unionAll, outer) : undefined
  return {
    columns,
    slot: outer.session.allocateSlot(),
    outerSlots: new Set([...join.outerSlots, ...read]),
    rows: (frame) => (more ? [...produce(frame), ...convertRows(more, columns, frame)] : produce(frame)),
  }
}

function convertRows(plan: SelectPlan, columns: readonly ResultColumn[], frame: Frame): Row[] {
  return [...plan.rows(frame)].map((row) =>
    columns.map((column, index) => convert(row[index] ?? null, plan.columns[index]?.type ?? column.type, column.type)),
  )
}

interface Item {
  readonly name: string
  readonly compiled: Compiled
}

function expand(item: SelectItem, sources: readonly BoundSource[], context: Context): Item[] {
  if (item.kind === 'expression') {
    const { expression } = item
    const name = item.alias ?? (expression.kind === 'column' ? (expression.name.at(-1) ?? '') : '')
    return [{ name, compiled: compile(expression, context) }]
  }
  if (item.kind === 'assign') return [{ name: '', compiled: compile(item.expression, context) }]
  const wanted = sources.filter(
    (source) => item.of === undefined || source.alias.toLowerCase() === item.of.toLowerCase(),
  )
  return wanted.flatMap((source) =>
    source.columns.map(({ name }) => ({
      name,
      compiled: compile({ kind: 'column', name: [source.alias, name] }, context),
    })),
  )
}

function hasAggregate(item: SelectItem): boolean {
  return item.kind !== 'all' && containsAggregate(item.expression)
}

function containsAggregate(expression: Expression): boolean {
  if (expression.kind === 'countAll') return true
  if (expression.kind === 'call')
    return aggregates.includes(expression.name) || expression.arguments.some(containsAggregate)
  if (expression.kind === 'cast') return containsAggregate(expression.operand)
  return expression.kind === 'binary' && (containsAggregate(expression.left) || containsAggregate(expression.right))
}

function* groups(
  join: JoinPlan,
  outer: Frame,
  keys: readonly Compiled[],
  group: { frames: readonly Frame[] },
): Iterable<Frame> {
  const found = new Map<string, Frame[]>()
  if (keys.length === 0) found.set('', [])
  for (const frame of join.run(outer)) {
    const key = joinKeys(keys.map((part) => equalityKey(part.run(frame), part.type)))
    const members = found.get(key)
    if (members) members.push([...frame])
    else found.set(key, [[...frame]])
  }
  for (const frames of found.values()) {
    group.frames = frames
    yield frames[0] ?? outer
  }
}

type Produce = (frame: Frame) => Iterable<Row>

function ordered(
  select: Select,
  items: readonly Item[],
  frames: (frame: Frame) => Iterable<Frame>,
  context: Context,
): Produce {
  const order = select.orderBy.map((entry) => ({ ...entry, compiled: orderKey(entry.expression, items, context) }))
  const top = select.top ? compile(select.top, context) : undefined
  return function* (outer) {
    const limit = top ? Number(top.run(outer)) : Number.POSITIVE_INFINITY
    const produced = project(items, order, frames(outer))
    const unique = select.distinct ? distinct(produced, items) : produced
    const sorted = order.length > 0 ? [...unique].sort((left, right) => compareRows(left, right, order)) : unique
    let count = 0
    for (const { row } of sorted) {
      if (count >= limit) return
      count += 1
      yield row
    }
  }
}

function orderKey(expression: Expression, items: readonly Item[], context: Context): Compiled {
  if (expression.kind === 'literal' && typeof expression.value === 'bigint') {
    const item = items[Number(expression.value) - 1]
    if (!item)
      throw new SqlError(108, `The ORDER BY position number ${expression.value} is out of range.`, { class: 15 })
    return item.compiled
  }
  const alias =
    expression.kind === 'column' && expression.name.length === 1 ? expression.name[0]?.toLowerCase() : undefined
  return items.find((item) => item.name.toLowerCase() === alias)?.compiled ?? compile(expression, context)
}

interface Produced {
  readonly row: Row
  readonly keys: readonly Value[]
}

type OrderEntry = { readonly compiled: Compiled; readonly descending: boolean }

function* project(items: readonly Item[], order: readonly OrderEntry[], frames: Iterable<Frame>): Iterable<Produced> {
  for (const frame of frames) {
    const row = items.map((item) => item.compiled.run(frame))
    yield { row, keys: order.map((entry) => entry.compiled.run(frame)) }
  }
}

function* distinct(produced: Iterable<Produced>, items: readonly Item[]): Iterable<Produced> {
  const seen = new Set<string>()
  for (const entry of produced) {
    const key = joinKeys(
      entry.row.map((value, index) =>
        equalityKey(value, items[index]?.compiled.type ?? { name: 'int', length: 0, precision: 0, scale: 0 }),
      ),
    )
    if (!seen.has(key)) yield entry
    seen.add(key)
  }
}

function compareRows(left: Produced, right: Produced, order: readonly OrderEntry[]): number {
  for (const [index, { compiled, descending }] of order.entries()) {
    const result = compareNullsFirst(left.keys[index] ?? null, right.keys[index] ?? null, compiled.type)
    if (result !== 0) return descending ? -result : result
  }
  return 0
}

function compareNullsFirst(left: Value, right: Value, type: SqlType): number {
  if (left === null || right === null) return left === right ? 0 : left === null ? -1 : 1
  return compareValues(left, right, type)
}
