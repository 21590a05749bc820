import type { Expression } from './ast.js'
import { compareValues } from './compare.js'
import { compile } from './compile.js'
import { frameOf } from './join.js'
import type { CompileContext, Compiled, Frame, Scope } from './scope.js'
import { unsupported } from './sql-error.js'
import { integerType } from './sql-type.js'
import { Decimal, type Row, type Value } from './value.js'

const names = ['COUNT', 'MAX', 'MIN']

export const isAggregate = (expression: Expression) =>
  expression.kind === 'count-all' || (expression.kind === 'call' && names.includes(expression.name))

/** COUNT, MAX and MIN over a group; any other expression is read from the group's first row, as GROUP BY guarantees it is equal. */
export function compileAggregate(expression: Expression, scope: Scope, context: CompileContext) {
  if (expression.kind === 'count-all') {
    return { type: integerType, references: [], run: (group: readonly Row[]) => new Decimal(BigInt(group.length)) }
  }
  if (expression.kind !== 'call' || !names.includes(expression.name)) {
    const single = compile(expression, scope, context)
    return { ...single, run: (group: readonly Row[], parent?: Frame) => single.run(frameOf(group[0] ?? [], parent)) }
  }
  const [argument] = expression.arguments
  if (argument === undefined) throw unsupported(`${expression.name} without an argument`)
  const operand = compile(argument, scope, context)
  return {
    type: expression.name === 'COUNT' ? integerType : operand.type,
    references: operand.references,
    run: (group: readonly Row[], parent?: Frame) => aggregate(expression.name, valuesOf(operand, group, parent)),
  }
}

const valuesOf = (operand: Compiled, group: readonly Row[], parent?: Frame) =>
  group.map((row) => operand.run(frameOf(row, parent))).filter((value) => value !== null)

function aggregate(name: string, values: readonly Value[]): Value {
  if (name === 'COUNT') return new Decimal(BigInt(values.length))
  const wanted = name === 'MAX' ? 1 : -1
  return values.reduce<Value>((best, value) => {
    if (best === null) return value
    return Math.sign(compareValues(value, best) ?? 0) === wanted ? value : best
  }, null)
}
