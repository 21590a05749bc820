import type { Expression } from './ast.js'
import { castValue, tryCastValue } from './cast.js'
import { aligner, compareValues, equalityKey } from './compare.js'
import { parseDecimal, rescale } from './decimal.js'
import { compileCall } from './functions.js'
import {
  ancestor,
  type CompileContext,
  type Compiled,
  type Frame,
  type Reference,
  resolveColumn,
  type Scope,
} from './scope.js'
import { unsupported } from './sql-error.js'
import { booleanType, commonType, floatType, integerType, type SqlType, textType, variantType } from './sql-type.js'
import { Decimal, type Value, Variant } from './value.js'
import { isArray, isObject } from './variant.js'

/** Turns an expression into a function of a row; names are resolved once, values are computed per row. */
export function compile(expression: Expression, scope: Scope, context: CompileContext): Compiled {
  const inner = (operand: Expression) => compile(operand, scope, context)
  switch (expression.kind) {
    case 'column':
      return compileColumn(resolveColumn(scope, expression.path))
    case 'bind': {
      const bind = context.bind(expression.index)
      return { type: bind.type, references: [], run: () => bind.value() }
    }
    case 'text':
      return constant({ name: 'TEXT', length: Math.max(1, expression.value.length) }, expression.value)
    case 'number':
      return compileNumber(expression.value)
    case 'boolean':
      return constant(booleanType, expression.value)
    case 'null':
      return constant(textType, null)
    case 'call':
      return context.call(expression.name) ?? compileCall(expression.name, expression.arguments.map(inner))
    case 'count-all':
      throw unsupported('COUNT(*) inside an expression')
    case 'cast':
      return compileCast(inner(expression.operand), expression.type, expression.attempt)
    case 'path':
      return compilePath(inner(expression.operand), expression.steps)
    case 'not':
      return derived(booleanType, [inner(expression.operand)], ([value]) => (value === null ? null : !truth(value)))
    case 'logic':
      return compileLogic(expression.operator, inner(expression.left), inner(expression.right))
    case 'compare':
      return compileComparison(expression.operator, inner(expression.left), inner(expression.right))
    case 'arithmetic':
      return compileArithmetic(expression.operator, inner(expression.left), inner(expression.right))
    case 'distinct':
      return compileDistinct(inner(expression.left), inner(expression.right), expression.negated)
    case 'is-null':
      return derived(booleanType, [inner(expression.operand)], ([value]) => (value === null) !== expression.negated)
    case 'in':
      return compileIn(inner(expression.operand), expression.items.map(inner), expression.negated)
    case 'case':
      return compileCase(
        expression.branches.map(({ condition, result }) => ({ condition: inner(condition), result: inner(result) })),
        inner(expression.otherwise),
      )
    default:
      return compileQueryExpression(expression, scope, context)
  }
}

type QueryExpression = Extract<Expression, { kind: 'exists' | 'in-query' | 'row-number' }>

function compileQueryExpression(expression: QueryExpression, scope: Scope, context: CompileContext): Compiled {
  const inner = (operand: Expression) => compile(operand, scope, context)
  if (expression.kind === 'row-number') {
    const orderBy = expression.orderBy.map((item) => ({ key: inner(item.expression), descending: item.descending }))
    const window = { partitionBy: expression.partitionBy.map(inner), orderBy, numbers: new Map() }
    context.windows.push(window)
    return {
      type: integerType,
      references: [],
      run: (frame) => new Decimal(BigInt(window.numbers.get(frame.row) ?? 0)),
    }
  }
  const query = context.subquery(expression.query, scope)
  const references = query.references
  if (expression.kind === 'exists') {
    return { type: booleanType, references, run: (frame) => query.run(frame).length > 0 }
  }
  const operand = inner(expression.operand)
  const type = query.columns[0]?.type ?? textType
  const align = aligner(operand.type, type)
  return {
    type: booleanType,
    references: [...operand.references, ...references],
    run: (frame) => {
      const wanted = align.left(operand.run(frame))
      const items = query.run(frame).map((row) => align.right(row[0] ?? null))
      return membership(wanted, items, expression.negated)
    },
  }
}

const constant = (type: SqlType, value: Value): Compiled => ({ type, references: [], run: () => value })

function compileNumber(text: string): Compiled {
  if (/e/i.test(text)) return constant(floatType, Number(text))
  const value = parseDecimal(text)
  return constant({ name: 'NUMBER', precision: 38, scale: value.scale }, value)
}

function compileColumn(found: Reference & { readonly type: SqlType }): Compiled {
  const { depth, index, type } = found
  const run =
    depth === 0
      ? (frame: Frame) => frame.row[index] ?? null
      : (frame: Frame) => ancestor(frame, depth).row[index] ?? null
  return { type, references: [{ depth, index }], run }
}

/** An expression whose value depends on nothing but the values of its operands. */
export function derived(
  type: SqlType,
  operands: readonly Compiled[],
  compute: (values: readonly Value[]) => Value,
): Compiled {
  const references = operands.flatMap((operand) => operand.references)
  return { type, references, run: (frame) => compute(operands.map((operand) => operand.run(frame))) }
}

export const truth = (value: Value | undefined): boolean =>
  value === true || castValue(value ?? null, textType, booleanType) === true

function compileCast(operand: Compiled, type: SqlType, attempt: boolean): Compiled {
  const convert = attempt ? tryCastValue : castValue
  return derived(type, [operand], ([value]) => convert(value ?? null, operand.type, type))
}

function compileLogic(operator: 'AND' | 'OR', left: Compiled, right: Compiled): Compiled {
  const decisive = operator === 'OR'
  return {
    type: booleanType,
    references: [...left.references, ...right.references],
    run: (frame) => {
      const first = left.run(frame)
      if (first !== null && truth(first) === decisive) return decisive
      const second = right.run(frame)
      if (second !== null && truth(second) === decisive) return decisive
      return first === null || second === null ? null : !decisive
    },
  }
}

const tests: Readonly<Record<string, (order: number) => boolean>> = {
  '=': (order) => order === 0,
  '<>': (order) => order !== 0,
  '<': (order) => order < 0,
  '>': (order) => order > 0,
  '<=': (order) => order <= 0,
  '>=': (order) => order >= 0,
}

function compileComparison(operator: string, left: Compiled, right: Compiled): Compiled {
  const align = aligner(left.type, right.type)
  const test = tests[operator] ?? tests['=']
  return derived(booleanType, [left, right], ([first, second]) => {
    const order = compareValues(align.left(first ?? null), align.right(second ?? null))
    return order === undefined || test === undefined ? null : test(order)
  })
}

export function compileDistinct(left: Compiled, right: Compiled, equal: boolean): Compiled {
  const align = aligner(left.type, right.type)
  return derived(booleanType, [left, right], ([first, second]) => {
    const same = equalityKey(align.left(first ?? null)) === equalityKey(align.right(second ?? null))
    return same === equal
  })
}

function compileIn(operand: Compiled, items: readonly Compiled[], negated: boolean): Compiled {
  const aligned = items.map((item) => aligner(operand.type, item.type))
  return derived(booleanType, [operand, ...items], ([wanted, ...values]) => {
    const first = aligned[0]?.left(wanted ?? null) ?? null
    return membership(
      first,
      values.map((value, index) => aligned[index]?.right(value) ?? null),
      negated,
    )
  })
}

/** IN with SQL's three values: not found among items of which one is NULL is unknown. */
function membership(wanted: Value, items: readonly Value[], negated: boolean): Value {
  const key = equalityKey(wanted)
  if (key === undefined) return items.length === 0 ? negated : null
  const keys = items.map(equalityKey)
  if (keys.includes(key)) return !negated
  return keys.includes(undefined) ? null : negated
}

interface CompiledBranch {
  readonly condition: Compiled
  readonly result: Compiled
}

export function compileCase(branches: readonly CompiledBranch[], otherwise: Compiled): Compiled {
  const results = [...branches.map((branch) => branch.result), otherwise]
  const type = resultType(results)
  return {
    type,
    references: [
      ...branches.flatMap((branch) => branch.condition.references),
      ...results.flatMap((result) => result.references),
    ],
    run: (frame) => {
      const chosen = branches.find((branch) => truth(branch.condition.run(frame)))?.result ?? otherwise
      return castResult(chosen, type, frame)
    },
  }
}

/** The common type of results; a bare NULL has no say. */
export function resultType(results: readonly Compiled[]): SqlType {
  const typed = results.filter((result) => result.type !== textType)
  const [first, ...rest] = typed.length > 0 ? typed : results
  return rest.reduce((type, result) => commonType(type, result.type), first?.type ?? textType)
}

export function castResult(result: Compiled, type: SqlType, frame: Frame): Value {
  const value = result.run(frame)
  return value === null || result.type.name === type.name ? value : castValue(value, result.type, type)
}

function compileArithmetic(operator: string, left: Compiled, right: Compiled): Compiled {
  if (operator === '||') {
    return derived(textType, [left, right], ([first, second]) => {
      const texts = [castValue(first ?? null, left.type, textType), castValue(second ?? null, right.type, textType)]
      return texts.includes(null) ? null : texts.join('')
    })
  }
  return derived({ name: 'NUMBER', precision: 38, scale: 0 }, [left, right], ([first, second]) => {
    if (!(first instanceof Decimal) || !(second instanceof Decimal)) {
      if (first === null || second === null) return null
      throw unsupported(`arithmetic ${operator} of anything but exact numbers`)
    }
    return calculate(operator, first, second)
  })
}

function calculate(operator: string, first: Decimal, second: Decimal): Decimal {
  if (operator === '*') return new Decimal(first.unscaled * second.unscaled, first.scale + second.scale)
  const scale = Math.max(first.scale, second.scale)
  const [left, right] = [rescale(first, scale).unscaled, rescale(second, scale).unscaled]
  return new Decimal(operator === '+' ? left + right : left - right, scale)
}

function compilePath(operand: Compiled, steps: readonly (string | number)[]): Compiled {
  return derived(variantType, [operand], ([value]) => {
    let json = value instanceof Variant ? value.json : null
    for (const step of steps) {
      if (typeof step === 'number' && isArray(json)) json = json[step] ?? null
      else if (typeof step === 'string' && isObject(json) && Object.hasOwn(json, step)) json = json[step] ?? null
      else return null
    }
    return new Variant(json)
  })
}
