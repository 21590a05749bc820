import { castValue } from './cast.js'
import { castResult, compileCase, compileDistinct, derived, resultType, truth } from './compile.js'
import type { Compiled } from './scope.js'
import { unsupported } from './sql-error.js'
import { isSemiStructured, type SqlType, textType, typeFromName, variantType } from './sql-type.js'
import { Timestamp, type Value, Variant } from './value.js'
import { parseVariant } from './variant.js'

type Builder = (operands: readonly Compiled[]) => Compiled

const conversions: Readonly<Record<string, string>> = {
  TO_TIMESTAMP: 'TIMESTAMP_NTZ',
  TO_TIMESTAMP_NTZ: 'TIMESTAMP_NTZ',
  TO_TIMESTAMP_LTZ: 'TIMESTAMP_LTZ',
  TO_TIMESTAMP_TZ: 'TIMESTAMP_TZ',
  TO_DATE: 'DATE',
  TO_BOOLEAN: 'BOOLEAN',
  TO_DOUBLE: 'FLOAT',
  TO_VARCHAR: 'VARCHAR',
  TO_CHAR: 'VARCHAR',
  TO_BINARY: 'BINARY',
  TO_OBJECT: 'OBJECT',
}

const builders: Readonly<Record<string, Builder>> = {
  PARSE_JSON: (operands) => parser(operands, false),
  TRY_PARSE_JSON: (operands) => parser(operands, true),
  TO_VARIANT: ([operand]) => converted(operand, variantType),
  COALESCE: coalesce,
  NVL: coalesce,
  IFNULL: coalesce,
  IFF: ([condition, yes, no]) => {
    if (condition === undefined || yes === undefined || no === undefined)
      throw unsupported('IFF without three arguments')
    return compileCase([{ condition, result: yes }], no)
  },
  EQUAL_NULL: ([left, right]) => {
    if (left === undefined || right === undefined) throw unsupported('EQUAL_NULL without two arguments')
    return compileDistinct(left, right, true)
  },
  NULLIF: ([left, right]) => {
    if (left === undefined || right === undefined) throw unsupported('NULLIF without two arguments')
    const same = compileDistinct(left, right, true)
    return derived(left.type, [left, same], ([value, equal]) => (truth(equal) ? null : (value ?? null)))
  },
  CURRENT_TIMESTAMP: () => ({
    type: { name: 'TIMESTAMP_LTZ', scale: 9 },
    references: [],
    run: () => new Timestamp(BigInt(Date.now()) * 1_000_000n),
  }),
  UPPER: ([operand]) => onText(operand, (text) => text.toUpperCase()),
  LOWER: ([operand]) => onText(operand, (text) => text.toLowerCase()),
  IS_NULL_VALUE: ([operand]) => {
    const operands = operand === undefined ? [] : [operand]
    return derived({ name: 'BOOLEAN' }, operands, ([value]) => (value instanceof Variant ? value.json === null : null))
  },
}

/** A call of a function that EDS uses; any other is refused. */
export function compileCall(name: string, operands: readonly Compiled[]): Compiled {
  const builder = builders[name]
  if (builder !== undefined) return builder(operands)
  const type = typeFromName(conversions[name] ?? '', [])
  if (type === undefined || operands.length !== 1)
    throw unsupported(`function ${name} with ${operands.length} argument(s)`)
  return converted(operands[0], type)
}

function converted(operand: Compiled | undefined, type: SqlType): Compiled {
  if (operand === undefined) throw unsupported(`a conversion to ${type.name} without an argument`)
  return derived(type, [operand], ([value]) => castValue(value ?? null, operand.type, type))
}

function parser(operands: readonly Compiled[], attempt: boolean): Compiled {
  const [operand] = operands
  if (operand === undefined || isSemiStructured(operand.type)) throw unsupported('PARSE_JSON of anything but a string')
  return derived(variantType, [operand], ([value]) => {
    const text = castValue(value ?? null, operand.type, textType)
    if (typeof text !== 'string' || text.trim() === '') return null
    return attempt ? tryParse(text) : parseVariant(text)
  })
}

function tryParse(text: string): Value {
  try {
    return parseVariant(text)
  } catch {
    return null
  }
}

function coalesce(operands: readonly Compiled[]): Compiled {
  const type = resultType(operands)
  return {
    type,
    references: operands.flatMap((operand) => operand.references),
    run: (frame) => {
      for (const operand of operands) {
        const value = castResult(operand, type, frame)
        if (value !== null) return value
      }
      return null
    },
  }
}

function onText(operand: Compiled | undefined, change: (text: string) => string): Compiled {
  const operands = operand === undefined ? [] : [operand]
  return derived(textType, operands, ([value]) => (typeof value === 'string' ? change(value) : null))
}
