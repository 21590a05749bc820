import type { Expression } from '../sql/ast.js'
import { compareValues } from './compare.js'
import { type Compiled, type Context, commonTypeOf, compile, converted, slotsOf } from './compile.js'
import { convert } from './convert.js'
import type { Frame } from './scope.js'
import { serverFunctions } from './server-functions.js'
import { SqlError } from './sql-error.js'
import { textOf } from './text-of.js'
import { intType, isText, nvarcharType, type SqlType, typeOf, type Value } from './types.js'

type Call = Extract<Expression, { kind: 'call' | 'countAll' }>

/** Names of functions over all rows of a group. */
export const aggregates: readonly string[] = ['count', 'count_big', 'max', 'min', 'sum']

/** Binds a function call. */
export function compileCall(call: Call, context: Context): Compiled {
  if (call.kind === 'countAll') return aggregate(context, intType, new Set(), (frames) => BigInt(frames.length))
  const args = call.arguments.map((argument) => compile(argument, context))
  if (aggregates.includes(call.name)) return compileAggregate(call.name, required(args, 0, call.name), context)
  const build = scalarFunctions[call.name]
  if (build) return build(args, call.name)
  const server = serverFunctions[call.name]
  if (!server)
    throw new SqlError(195, `'${call.name}' is not a recognized built-in function name.`, { class: 15, reach: 'batch' })
  const run = (frame: Frame) =>
    server.run(
      context.session,
      args.map((argument) => argument.run(frame)),
    )
  return { type: server.type, run, slots: slotsOf(...args) }
}

function required(args: readonly Compiled[], index: number, name: string): Compiled {
  const argument = args[index]
  if (argument) return argument
  throw new SqlError(174, `The ${name} function requires more arguments.`, { class: 15, reach: 'batch' })
}

function aggregate(
  { group }: Context,
  type: SqlType,
  slots: ReadonlySet<number>,
  over: (frames: readonly Frame[]) => Value,
): Compiled {
  if (!group) throw new SqlError(147, 'An aggregate may not appear in the WHERE clause.', { class: 15, reach: 'batch' })
  return { type, run: () => over(group.frames), slots }
}

function compileAggregate(name: string, operand: Compiled, context: Context): Compiled {
  const valuesOf = (frames: readonly Frame[]) =>
    frames.map((frame) => operand.run(frame)).filter((value) => value !== null)
  if (name.startsWith('count')) {
    return aggregate(context, intType, operand.slots, (frames) => BigInt(valuesOf(frames).length))
  }
  if (name === 'sum') {
    return aggregate(context, typeOf('bigint'), operand.slots, (frames) => {
      const values = valuesOf(frames)
      return values.length === 0
        ? null
        : values.reduce<bigint>((sum, value) => sum + (typeof value === 'bigint' ? value : 0n), 0n)
    })
  }
  const sign = name === 'max' ? 1 : -1
  return aggregate(context, operand.type, operand.slots, (frames) =>
    valuesOf(frames).reduce<Value>((best, value) => {
      return best === null || compareValues(value, best, operand.type) * sign > 0 ? value : best
    }, null),
  )
}

type Builder = (args: readonly Compiled[], name: string) => Compiled

function textFunction(type: SqlType, apply: (text: string, numbers: readonly number[]) => Value): Builder {
  return (args, name) => {
    const subject = required(args, 0, name)
    const run = (frame: Frame): Value => {
      const [first = null, ...rest] = args.map((argument) => argument.run(frame))
      if (first === null || rest.includes(null)) return null
      return apply(textOf(first, subject.type), rest.map(Number))
    }
    return { type, run, slots: slotsOf(...args) }
  }
}

const maxText = nvarcharType(0)

function coalesce(args: readonly Compiled[], type: SqlType): Compiled {
  const run = (frame: Frame): Value => {
    for (const argument of args) {
      const value = argument.run(frame)
      if (value !== null) return convert(value, argument.type, type)
    }
    return null
  }
  return { type, run, slots: slotsOf(...args) }
}

const scalarFunctions: Record<string, Builder> = {
  coalesce: (args) => coalesce(args, commonTypeOf(args)),
  isnull: (args, name) => {
    const [first, second] = [required(args, 0, name), required(args, 1, name)]
    return coalesce(args, first.isNullLiteral ? second.type : first.type)
  },
  nullif: (args, name) => {
    const first = required(args, 0, name)
    const second = converted(required(args, 1, name), first.type)
    const run = (frame: Frame): Value => {
      const [one, other] = [first.run(frame), second.run(frame)]
      return one !== null && other !== null && compareValues(one, other, first.type) === 0 ? null : one
    }
    return { type: first.type, run, slots: slotsOf(...args) }
  },
  concat: (args) => {
    const long = args.some((argument) => isText(argument.type) && argument.type.length === 0)
    const run = (frame: Frame) => args.map((argument) => textOrEmpty(argument.run(frame), argument.type)).join('')
    return { type: nvarcharType(long ? 0 : 4000), run, slots: slotsOf(...args) }
  },
  len: textFunction(intType, (text) => BigInt(text.replace(/ +$/, '').length)),
  lower: textFunction(maxText, (text) => text.toLowerCase()),
  upper: textFunction(maxText, (text) => text.toUpperCase()),
  rtrim: textFunction(maxText, (text) => text.replace(/ +$/, '')),
  left: textFunction(maxText, (text, [count = 0]) => text.slice(0, count)),
  quotename: textFunction(maxText, (text) => `[${text.replaceAll(']', ']]')}]`),
  datalength: (args, name) => {
    const subject = required(args, 0, name)
    const run = (frame: Frame) => lengthInBytes(subject.run(frame), subject.type)
    return { type: intType, run, slots: slotsOf(...args) }
  },
}

const textOrEmpty = (value: Value, type: SqlType) => (value === null ? '' : textOf(value, type))

function lengthInBytes(value: Value, type: SqlType): Value {
  if (value === null) return null
  if (value instanceof Uint8Array) return BigInt(value.length)
  return BigInt(textOf(value, type).length * (type.name === 'nvarchar' ? 2 : 1))
}
