import type { Expression, From, Source } from '../sql/ast.js'
import { equalityKey } from './compare.js'
import { type Compiled, type Context, compile, converted } from './compile.js'
import type { BoundSource, Frame, Scope } from './scope.js'
import { planSelect } from './select.js'
import { joinKeys, type Row } from './table.js'
import { isInteger, isText, type SqlType } from './types.js'

/** A FROM clause with its conditions, ready to run. */
export interface JoinPlan {
  readonly scope: Scope
  /** Slots of outer queries that it reads. */
  readonly outerSlots: ReadonlySet<number>
  /** Sets the frame to each combination of rows in turn. */
  readonly run: (frame: Frame) => Iterable<Frame>
}

interface Step {
  readonly source: BoundSource
  readonly candidates: (frame: Frame) => Iterable<Row>
  readonly tests: readonly Compiled[]
  readonly optional: boolean
}

/** Binds the sources; conditions run as early as their columns are known, equalities by hash or primary key. */
export function planJoin(from: From | undefined, where: Expression | undefined, context: Context): JoinPlan {
  const members = from ? [{ how: 'cross' as const, source: from.first }, ...from.joins] : []
  const sources = members.map((member) => bindSource(member.source, context))
  const scope: Scope = { sources, parent: context.scope }
  const inner = { session: context.session, scope }
  const filters = conjuncts(where).map((part) => compile(part, inner))
  const outer = members.some((member) => member.how === 'left')
  const ons = members.map((member) => ('on' in member ? conjuncts(member.on).map((part) => compile(part, inner)) : []))
  const steps = outer ? outerSteps(members, sources, ons) : innerSteps(sources, [...ons.flat(), ...filters])
  const rest = outer || sources.length === 0 ? filters : []
  const own = new Set(sources.map((source) => source.slot))
  const read = [...ons.flat(), ...filters].flatMap((part) => [...part.slots])
  return {
    scope,
    outerSlots: new Set(read.filter((slot) => !own.has(slot))),
    run: (frame) => filtered(walk(steps, 0, frame), rest),
  }
}

/** The conditions that AND joins. */
function conjuncts(condition: Expression | undefined): Expression[] {
  if (!condition) return []
  if (condition.kind !== 'binary' || condition.operator !== 'and') return [condition]
  return [...conjuncts(condition.left), ...conjuncts(condition.right)]
}

/** Gives a source a slot of the frame. */
export function bindSource(source: Source, context: Context): BoundSource {
  const { session } = context
  if (source.kind === 'table') return session.bindTable(source.name, source.alias)
  if (source.kind === 'derived') {
    const plan = planSelect(source.select, context)
    const columns = plan.columns.map((column, index) => ({ ...column, name: source.columns?.[index] ?? column.name }))
    return { alias: source.alias, slot: plan.slot, columns, rows: () => plan.rows([]), size: 1000 }
  }
  const rows = source.rows.map((row) => row.map((item) => compile(item, context)))
  const columns = source.columns.map((name, index) => ({ name, type: columnType(rows, index) }))
  const values = () => rows.map((row) => row.map((item, index) => converted(item, columnType(rows, index)).run([])))
  return { alias: source.alias, slot: session.allocateSlot(), columns, rows: values, size: rows.length }
}

function columnType(rows: readonly (readonly Compiled[])[], index: number): SqlType {
  const item =
    rows.map((row) => row[index]).find((candidate) => candidate && !candidate.isNullLiteral) ?? rows[0]?.[index]
  if (!item) throw new RangeError('VALUES has fewer columns than its alias names')
  return item.type
}

function innerSteps(sources: readonly BoundSource[], conditions: readonly Compiled[]): Step[] {
  const ordered = [...sources].sort((left, right) => left.size - right.size)
  const unused = new Set(conditions)
  return ordered.map((source, index) => {
    const unbound = new Set(ordered.slice(index + 1).map((later) => later.slot))
    const ready = [...unused].filter((condition) => [...condition.slots].every((slot) => !unbound.has(slot)))
    for (const condition of ready) unused.delete(condition)
    return { source, candidates: candidatesOf(source, ready), tests: ready, optional: false }
  })
}

function outerSteps(
  members: readonly { how: string }[],
  sources: readonly BoundSource[],
  ons: readonly Compiled[][],
): Step[] {
  return sources.map((source, index) => {
    const tests = ons[index] ?? []
    return { source, candidates: candidatesOf(source, tests), tests, optional: members[index]?.how === 'left' }
  })
}

interface KeyPair {
  readonly own: Compiled
  readonly other: Compiled
}

function candidatesOf(source: BoundSource, conditions: readonly Compiled[]): Step['candidates'] {
  const pairs = conditions.flatMap((condition) => keyPair(condition, source.slot))
  if (pairs.length === 0) return () => source.rows()
  return keyLookup(source, pairs) ?? hashLookup(source, pairs)
}

function keyPair({ equality }: Compiled, slot: number): KeyPair[] {
  if (!equality) return []
  const [left, right] = equality
  const isOwn = (side: Compiled) => side.slots.size === 1 && side.slots.has(slot)
  if (isOwn(left) && !right.slots.has(slot)) return [{ own: left, other: right }]
  return isOwn(right) && !left.slots.has(slot) ? [{ own: right, other: left }] : []
}

/** Finds rows by the primary key, where the equalities cover it without conversion. */
function keyLookup({ table }: BoundSource, pairs: readonly KeyPair[]): Step['candidates'] | undefined {
  if (!table || table.key.length === 0) return undefined
  const others = table.key.map(
    (position) => pairs.find(({ own, other }) => own.column?.position === position && comparable(own, other))?.other,
  )
  const found = others.filter((other) => other !== undefined)
  if (found.length < others.length) return undefined
  return (frame) => {
    const entry = table.find(found.map((other) => other.run(frame)))
    return entry ? [entry[1]] : []
  }
}

const comparable = ({ type: own }: Compiled, { type: other }: Compiled) =>
  (isInteger(own) && isInteger(other)) ||
  (isText(own) && isText(other) && (own.binaryCollation ?? false) === (other.binaryCollation ?? false))

function hashLookup(source: BoundSource, pairs: readonly KeyPair[]): Step['candidates'] {
  let table: Map<string, Row[]> | undefined
  const keyOf = (frame: Frame, side: 'own' | 'other') => {
    const keys = pairs.map((pair) => equalityKey(pair[side].run(frame), pair.own.type))
    return keys.includes(null) ? undefined : joinKeys(keys)
  }
  const build = () => {
    const built = new Map<string, Row[]>()
    const frame: Frame = []
    for (const row of source.rows()) {
      frame[source.slot] = row
      const key = keyOf(frame, 'own')
      if (key === undefined) continue
      const bucket = built.get(key)
      if (bucket) bucket.push(row)
      else built.set(key, [row])
    }
    return built
  }
  return (frame) => {
    table ??= build()
    const key = keyOf(frame, 'other')
    return key === undefined ? [] : (table.get(key) ?? [])
  }
}

function* walk(steps: readonly Step[], index: number, frame: Frame): Iterable<Frame> {
  const step = steps[index]
  if (!step) {
    yield frame
    return
  }
  const { slot, columns } = step.source
  let met = false
  for (const row of step.candidates(frame)) {
    frame[slot] = row
    if (!step.tests.every((test) => test.run(frame) === 1n)) continue
    met = true
    yield* walk(steps, index + 1, frame)
  }
  if (met || !step.optional) return
  frame[slot] = columns.map(() => null)
  yield* walk(steps, index + 1, frame)
}

function* filtered(frames: Iterable<Frame>, conditions: readonly Compiled[]): Iterable<Frame> {
  for (const frame of frames) if (conditions.every((condition) => condition.run(frame) === 1n)) yield frame
}
