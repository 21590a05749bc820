/** A column or expression type. `length` in characters (bytes for BINARY), `scale` of timestamps in digits of a second. */
export type SqlType =
  | { readonly name: 'NUMBER'; readonly precision: number; readonly scale: number }
  | { readonly name: 'TEXT'; readonly length: number }
  | { readonly name: 'BINARY'; readonly length: number }
  | { readonly name: 'TIMESTAMP_NTZ' | 'TIMESTAMP_LTZ' | 'TIMESTAMP_TZ'; readonly scale: number }
  | { readonly name: 'FLOAT' | 'BOOLEAN' | 'DATE' | 'VARIANT' | 'OBJECT' | 'ARRAY' }

export const maxTextLength = 16_777_216
export const maxBinaryLength = 8_388_608
export const maxPrecision = 38

export const textType: SqlType = { name: 'TEXT', length: maxTextLength }
export const integerType: SqlType = { name: 'NUMBER', precision: maxPrecision, scale: 0 }
export const floatType: SqlType = { name: 'FLOAT' }
export const booleanType: SqlType = { name: 'BOOLEAN' }
export const variantType: SqlType = { name: 'VARIANT' }

const integers = ['INT', 'INTEGER', 'BIGINT', 'SMALLINT', 'TINYINT', 'BYTEINT']
const floats = ['FLOAT', 'FLOAT4', 'FLOAT8', 'DOUBLE', 'REAL']
const texts = ['VARCHAR', 'STRING', 'TEXT', 'NVARCHAR', 'NVARCHAR2', 'CHAR VARYING']
const plain = ['BOOLEAN', 'DATE', 'VARIANT', 'OBJECT', 'ARRAY'] as const

/** The type that a name with its arguments means, or undefined for a name that is no type here. */
export function typeFromName(name: string, numbers: readonly number[]): SqlType | undefined {
  const [first, second] = numbers
  if (integers.includes(name)) return integerType
  if (floats.includes(name)) return floatType
  if (texts.includes(name)) return { name: 'TEXT', length: first ?? maxTextLength }
  if (name === 'CHAR' || name === 'CHARACTER') return { name: 'TEXT', length: first ?? 1 }
  if (['NUMBER', 'DECIMAL', 'NUMERIC'].includes(name)) {
    return { name: 'NUMBER', precision: first ?? maxPrecision, scale: second ?? 0 }
  }
  if (name === 'BINARY' || name === 'VARBINARY') return { name: 'BINARY', length: first ?? maxBinaryLength }
  if (name === 'TIMESTAMP' || name === 'DATETIME') return { name: 'TIMESTAMP_NTZ', scale: first ?? 9 }
  if (name === 'TIMESTAMP_NTZ' || name === 'TIMESTAMP_LTZ' || name === 'TIMESTAMP_TZ')
    return { name, scale: first ?? 9 }
  const simple = plain.find((candidate) => candidate === name)
  return simple === undefined ? undefined : { name: simple }
}

export const isSemiStructured = (type: SqlType) =>
  type.name === 'VARIANT' || type.name === 'OBJECT' || type.name === 'ARRAY'

export const isTimestamp = (type: SqlType) => type.name.startsWith('TIMESTAMP')

/** The type as error messages write it. */
export function typeText(type: SqlType): string {
  if (type.name === 'NUMBER') return `NUMBER(${type.precision},${type.scale})`
  if (type.name === 'TEXT') return `VARCHAR(${type.length})`
  return 'scale' in type ? `${type.name}(${type.scale})` : type.name
}

/** The type that two operands meet in: of a comparison, of CASE, of COALESCE. */
export function commonType(left: SqlType, right: SqlType): SqlType {
  if (left.name === right.name) return widest(left, right)
  for (const name of ['VARIANT', 'OBJECT', 'ARRAY'] as const) {
    if (left.name === name || right.name === name) return variantType
  }
  if (left.name === 'TEXT') return right
  if (right.name === 'TEXT') return left
  if (left.name === 'FLOAT' || right.name === 'FLOAT') return floatType
  if (isTimestamp(left)) return left
  return isTimestamp(right) ? right : left
}

function widest(left: SqlType, right: SqlType): SqlType {
  if (left.name === 'NUMBER' && right.name === 'NUMBER') {
    const scale = Math.max(left.scale, right.scale)
    const integral = Math.max(left.precision - left.scale, right.precision - right.scale)
    return { name: 'NUMBER', precision: Math.min(maxPrecision, integral + scale), scale }
  }
  if (left.name === 'TEXT' && right.name === 'TEXT') return left.length >= right.length ? left : right
  return left
}
