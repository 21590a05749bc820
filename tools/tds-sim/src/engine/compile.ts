import type { Expression } from '../sql/ast.js'
import { compareValues } from './compare.js'
import { compileArithmetic } from './compile-arithmetic.js'
import { compileCall } from './compile-call.js'
import { convert } from './convert.js'
import { type Frame, resolveColumn, type Scope } from './scope.js'
import { planSelect } from './select.js'
import type { Session } from './session.js'
import { SqlError } from './sql-error.js'
import { bitType, commonType, type SqlType, type Value } from './types.js'

/** An expression bound to its sources. Conditions are bigint 1 and 0, or null for unknown. */
export interface Compiled {
  readonly type: SqlType
  readonly run: (frame: Frame) => Value
  /** Slots of the sources that it reads. */
  readonly slots: ReadonlySet<number>
  /** Both sides of an equality, converted to one type. */
  readonly equality?: readonly [Compiled, Compiled]
  /** The column that it simply is. */
  readonly column?: { readonly slot: number; readonly position: number }
  readonly isNullLiteral?: boolean
}

/** Where an expression stands: the session, the sources, and the rows of its group under GROUP BY. */
export interface Context {
  readonly session: Session
  readonly scope: Scope
  readonly group?: { frames: readonly Frame[] }
}

const truth = (value: boolean): Value => (value ? 1n : 0n)

/** Every slot that the parts read. */
export const slotsOf = (...parts: readonly Compiled[]) => new Set(parts.flatMap((part) => [...part.slots]))

/** Binds an expression to the sources in scope. */
export function compile(expression: Expression, context: Context): Compiled {
  switch (expression.kind) {
    case 'literal': {
      const { value, type } = expression
      return { type, run: () => value, slots: new Set(), isNullLiteral: value === null }
    }
    case 'column':
      return compileColumn(expression, context)
    case 'variable':
      return { ...context.session.variable(expression.name), slots: new Set() }
    case 'countAll':
    case 'call':
      return compileCall(expression, context)
    case 'cast':
      return compileCast(expression, context)
    case 'collate': {
      const operand = compile(expression.operand, context)
      return { ...operand, type: { ...operand.type, binaryCollation: expression.binary } }
    }
    case 'case':
      return compileCase(expression, context)
    case 'binary':
      return compileBinary(expression, context)
    case 'negate': {
      const zero: Expression = { kind: 'literal', value: 0n, type: compile(expression.operand, context).type }
      return compileArithmetic('-', compile(zero, context), compile(expression.operand, context))
    }
    default:
      return compilePredicate(expression, context)
  }
}

function compileColumn(expression: Extract<Expression, { kind: 'column' }>, { scope }: Context): Compiled {
  const { source, position } = resolveColumn(scope, expression.name)
  const { slot } = source
  const column = source.columns[position]
  if (!column) throw new RangeError('A column was resolved to no position')
  return {
    type: column.type,
    run: (frame) => frame[slot]?.[position] ?? null,
    slots: new Set([slot]),
    column: { slot, position },
  }
}

function compileCast(expression: Extract<Expression, { kind: 'cast' }>, context: Context): Compiled {
  const operand = compile(expression.operand, context)
  const { type, lenient } = expression
  const run = (frame: Frame): Value => {
    try {
      return convert(operand.run(frame), operand.type, type)
    } catch (error) {
      if (lenient && error instanceof SqlError && error.number !== 206) return null
      throw error
    }
  }
  return { type, run, slots: operand.slots }
}

function compileCase(expression: Extract<Expression, { kind: 'case' }>, context: Context): Compiled {
  const branches = expression.branches.map((branch) => ({
    condition: compile(branch.condition, context),
    result: compile(branch.result, context),
  }))
  const otherwise = expression.otherwise ? compile(expression.otherwise, context) : undefined
  const results = [...branches.map((branch) => branch.result), ...(otherwise ? [otherwise] : [])]
  const type = commonTypeOf(results)
  const run = (frame: Frame): Value => {
    const chosen = branches.find((branch) => branch.condition.run(frame) === 1n)?.result ?? otherwise
    return chosen ? convert(chosen.run(frame), chosen.type, type) : null
  }
  return { type, run, slots: slotsOf(...branches.map((branch) => branch.condition), ...results) }
}

/** The type that several results meet in; a plain NULL has no say. */
export function commonTypeOf(results: readonly Compiled[]): SqlType {
  const typed = results.filter((result) => !result.isNullLiteral)
  const [first, ...others] = (typed.length > 0 ? typed : results).map((result) => result.type)
  if (!first) throw new RangeError('A common type needs a result')
  return others.reduce(commonType, first)
}

/** The expression with its value converted. */
export function converted(operand: Compiled, type: SqlType): Compiled {
  if (operand.type.name === type.name && operand.type.scale === type.scale) return operand
  return { type, run: (frame) => convert(operand.run(frame), operand.type, type), slots: operand.slots }
}

function compileBinary(expression: Extract<Expression, { kind: 'binary' }>, context: Context): Compiled {
  const left = compile(expression.left, context)
  const right = compile(expression.right, context)
  const { operator } = expression
  if (operator === 'and' || operator === 'or') return compileLogic(operator, left, right)
  if ('+-*/%'.includes(operator)) return compileArithmetic(operator, left, right)
  return compileComparison(operator, left, right)
}

function compileLogic(operator: 'and' | 'or', left: Compiled, right: Compiled): Compiled {
  const decisive = operator === 'and' ? 0n : 1n
  const run = (frame: Frame): Value => {
    const first = left.run(frame)
    if (first === decisive) return decisive
    const second = right.run(frame)
    if (second === decisive) return decisive
    return first === null || second === null ? null : 1n - decisive
  }
  return { type: bitType, run, slots: slotsOf(left, right) }
}

const comparisons: Record<string, (order: number) => boolean> = {
  '=': (order) => order === 0,
  '<>': (order) => order !== 0,
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
}

export function compileComparison(operator: string, left: Compiled, right: Compiled): Compiled {
  const type = commonTypeOf([left, right])
  const one = converted(left, type)
  const other = converted(right, type)
  const test = comparisons[operator]
  if (!test) throw new RangeError(`No comparison ${operator}`)
  const run = (frame: Frame): Value => {
    const first = one.run(frame)
    const second = other.run(frame)
    return first === null || second === null ? null : truth(test(compareValues(first, second, type)))
  }
  const compared: Compiled = { type: bitType, run, slots: slotsOf(left, right) }
  return operator === '=' ? { ...compared, equality: [one, other] } : compared
}

type Predicate = Extract<Expression, { kind: 'not' | 'isNull' | 'in' | 'inSelect' | 'like' | 'exists' | 'subquery' }>

function compilePredicate(expression: Predicate, context: Context): Compiled {
  if (expression.kind === 'exists' || expression.kind === 'subquery') return compileSubquery(expression, context)
  const operand = compile(expression.operand, context)
  if (expression.kind === 'isNull') {
    const { negated } = expression
    return { type: bitType, run: (frame) => truth((operand.run(frame) === null) !== negated), slots: operand.slots }
  }
  if (expression.kind === 'not') return negate(operand, true)
  if (expression.kind === 'like') return compileLike(expression, operand, context)
  if (expression.kind === 'in') {
    const tests = expression.choices.map((choice) => compileComparison('=', operand, compile(choice, context)))
    return negate(
      tests.reduce((left, right) => compileLogic('or', left, right)),
      expression.negated,
    )
  }
  const select = planSelect(expression.select, context)
  const value: Compiled = {
    type: select.columns[0]?.type ?? bitType,
    run: (frame) => frame[select.slot]?.[0] ?? null,
    slots: new Set(),
  }
  const test = compileComparison('=', operand, value)
  const run = (frame: Frame): Value => {
    let unknown = false
    for (const row of select.rows(frame)) {
      frame[select.slot] = row
      const result = test.run(frame)
      if (result === 1n) return 1n
      unknown ||= result === null
    }
    return unknown ? null : 0n
  }
  return negate({ type: bitType, run, slots: new Set([...operand.slots, ...select.outerSlots]) }, expression.negated)
}

function negate(operand: Compiled, negated: boolean): Compiled {
  if (!negated) return operand
  const run = (frame: Frame): Value => {
    const value = operand.run(frame)
    return value === null ? null : truth(value === 0n)
  }
  return { type: bitType, run, slots: operand.slots }
}

function compileSubquery(expression: Extract<Expression, { kind: 'exists' | 'subquery' }>, context: Context): Compiled {
  const select = planSelect(expression.select, context)
  if (expression.kind === 'exists') {
    const run = (frame: Frame) => truth(select.rows(frame)[Symbol.iterator]().next().done !== true)
    return { type: bitType, run, slots: select.outerSlots }
  }
  const type = select.columns[0]?.type ?? bitType
  return { type, run: (frame) => [...select.rows(frame)][0]?.[0] ?? null, slots: select.outerSlots }
}

function compileLike(expression: Extract<Expression, { kind: 'like' }>, operand: Compiled, context: Context): Compiled {
  const pattern = compile(expression.pattern, context)
  const run = (frame: Frame): Value => {
    const text = operand.run(frame)
    const like = pattern.run(frame)
    return typeof text === 'string' && typeof like === 'string' ? truth(likePattern(like).test(text)) : null
  }
  return negate({ type: bitType, run, slots: slotsOf(operand, pattern) }, expression.negated)
}

function likePattern(like: string): RegExp {
  const source = like.replace(/\[(.)\]|[%_]|[\\^$.*+?()[\]{}|]/gs, (part, escaped: string | undefined) => {
    if (escaped !== undefined) return escaped.replace(/[\\^$.*+?()[\]{}|]/, '\\$&')
    return part === '%' ? '.*' : part === '_' ? '.' : `\\${part}`
  })
  return new RegExp(`^${source} *$`, 'is')
}
