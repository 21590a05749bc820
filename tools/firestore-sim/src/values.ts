import type { Fields, Timestamp, Value } from './protocol.js'

/** Order of the kinds: https://firebase.google.com/docs/firestore/manage-data/data-types#value_type_ordering */
const kinds = [
  'nullValue',
  'booleanValue',
  'doubleValue',
  'timestampValue',
  'stringValue',
  'bytesValue',
  'referenceValue',
  'arrayValue',
  'mapValue',
] as const

/** Negative, zero or positive, as the server sorts values. Lists and maps count as equal: nothing here sorts by them. */
export function compareValues(left: Value, right: Value): number {
  const kind = kindOf(left)
  const difference = kind - kindOf(right)
  if (difference !== 0) return difference
  switch (kinds[kind]) {
    case 'booleanValue':
      return Number(left.booleanValue) - Number(right.booleanValue)
    case 'doubleValue':
      return numberOf(left) - numberOf(right)
    case 'timestampValue':
      return compareTimestamps(left.timestampValue ?? {}, right.timestampValue ?? {})
    case 'bytesValue':
      return Buffer.compare(left.bytesValue ?? Buffer.alloc(0), right.bytesValue ?? Buffer.alloc(0))
    case 'stringValue':
      return compareTexts(left.stringValue ?? '', right.stringValue ?? '')
    case 'referenceValue':
      return compareTexts(left.referenceValue ?? '', right.referenceValue ?? '')
    default:
      return 0
  }
}

export function isSameKind(left: Value, right: Value): boolean {
  return kindOf(left) === kindOf(right)
}

export function compareTimestamps(left: Timestamp, right: Timestamp): number {
  const seconds = Number(left.seconds ?? 0) - Number(right.seconds ?? 0)
  return seconds === 0 ? (left.nanos ?? 0) - (right.nanos ?? 0) : seconds
}

/** By the bytes of their UTF-8. */
export function compareTexts(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right))
}

/** The value at `A` or `A.b`; names with quotes are not needed here. */
export function valueAt(fields: Fields, path: string): Value | undefined {
  const [first = '', ...rest] = path.split('.')
  const value = Object.hasOwn(fields, first) ? fields[first] : undefined
  return rest.length === 0 ? value : valueAt(value?.mapValue?.fields ?? {}, rest.join('.'))
}

function kindOf(value: Value): number {
  if (value.integerValue !== undefined) return kinds.indexOf('doubleValue')
  return kinds.findIndex((kind) => value[kind] !== undefined)
}

function numberOf({ integerValue, doubleValue }: Value): number {
  return integerValue === undefined ? (doubleValue ?? 0) : Number(integerValue)
}
