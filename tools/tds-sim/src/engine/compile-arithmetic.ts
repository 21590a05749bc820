import { type Compiled, converted, slotsOf } from './compile.js'
import type { Frame } from './scope.js'
import { arithmeticOverflow, operandClash, SqlError } from './sql-error.js'
import { commonType, isFloat, isInteger, isText, limitsOf, type SqlType, typeOf, type Value } from './types.js'

/** `+` of texts or numbers, and the other operators of numbers. NULL makes NULL. */
export function compileArithmetic(operator: string, left: Compiled, right: Compiled): Compiled {
  if (operator === '+' && isText(left.type) && isText(right.type)) return concatenate(left, right)
  const type = commonType(left.type, right.type)
  const slots = slotsOf(left, right)
  if (isFloat(type))
    return arithmeticOf(converted(left, type), converted(right, type), type, floatOperator(operator), slots)
  if (isInteger(type)) {
    return arithmeticOf(converted(left, type), converted(right, type), type, integerOperator(operator, type), slots)
  }
  if (type.name !== 'decimal' || (operator !== '+' && operator !== '-'))
    throw operandClash(left.type.name, right.type.name)
  const sum = typeOf('decimal', 0, Math.min(38, type.precision + 1), type.scale)
  return arithmeticOf(converted(left, sum), converted(right, sum), sum, integerOperator(operator, sum), slots)
}

function concatenate(left: Compiled, right: Compiled): Compiled {
  const common = commonType(left.type, right.type)
  const most = common.name === 'varchar' ? 8000 : 4000
  const long = left.type.length === 0 || right.type.length === 0
  const length = long ? 0 : Math.min(most, left.type.length + right.type.length)
  const type: SqlType = { ...common, length }
  const run = (frame: Frame): Value => {
    const first = left.run(frame)
    const second = right.run(frame)
    if (typeof first !== 'string' || typeof second !== 'string') return null
    return length === 0 ? first + second : (first + second).slice(0, length)
  }
  return { type, run, slots: slotsOf(left, right) }
}

type Operator = (left: Value, right: Value) => Value

function arithmeticOf(left: Compiled, right: Compiled, type: SqlType, apply: Operator, slots: Set<number>): Compiled {
  const run = (frame: Frame): Value => {
    const first = left.run(frame)
    const second = right.run(frame)
    return first === null || second === null ? null : apply(first, second)
  }
  return { type, run, slots }
}

const divideByZero = () => new SqlError(8134, 'Divide by zero error encountered.')

function floatOperator(operator: string): Operator {
  return (left, right) => {
    if (typeof left !== 'number' || typeof right !== 'number') return null
    if (operator === '+') return left + right
    if (operator === '-') return left - right
    if (operator === '*') return left * right
    if (right === 0) throw divideByZero()
    return left / right
  }
}

function integerOperator(operator: string, type: SqlType): Operator {
  const [least, greatest] = limitsOf(type) ?? [-(10n ** 38n) + 1n, 10n ** 38n - 1n]
  return (left, right) => {
    if (typeof left !== 'bigint' || typeof right !== 'bigint') return null
    const result = calculate(operator, left, right)
    if (result < least || result > greatest) throw arithmeticOverflow(type.name)
    return result
  }
}

function calculate(operator: string, left: bigint, right: bigint): bigint {
  if (operator === '+') return left + right
  if (operator === '-') return left - right
  if (operator === '*') return left * right
  if (right === 0n) throw divideByZero()
  return operator === '/' ? left / right : left % right
}
