import type { Cursor, Document, Filter, Order, StructuredQuery, Value } from './protocol.js'
import { Refusal } from './refusal.js'
import { compareTexts, compareValues, isSameKind, valueAt } from './values.js'

const nameField = '__name__'

/** The documents that the query asks for, of those of its collection. */
export function selectDocuments(query: StructuredQuery, documents: readonly Document[]): Document[] {
  const filters = fieldFilters(query.where)
  const orders = completeOrders(query.orderBy ?? [], filters)
  const found = documents
    .filter((document) => orders.every(({ field }) => fieldOf(document, field?.fieldPath) !== undefined))
    .filter((document) => filters.every((filter) => matches(document, filter)))
    .filter((document) => isBehind(document, query.startAt, orders) && isBefore(document, query.endAt, orders))
    .sort((left, right) => compareDocuments(left, right, orders))
  const { offset = 0, limit } = query
  const some = found.slice(offset, limit === undefined ? undefined : offset + (limit.value ?? 0))
  return some.map((document) => projected(document, query))
}

export type FieldFilter = NonNullable<Filter['fieldFilter']>

/** All filters must hold; those that need any of several are not simulated. */
export function fieldFilters(filter: Filter | undefined): FieldFilter[] {
  if (filter === undefined) return []
  if (filter.fieldFilter !== undefined) return [filter.fieldFilter]
  if (filter.compositeFilter?.op === 'AND') return (filter.compositeFilter.filters ?? []).flatMap(fieldFilters)
  throw new Refusal('UNIMPLEMENTED', 'only AND of comparisons of fields is simulated')
}

function matches(document: Document, { field, op = '', value = {} }: FieldFilter): boolean {
  const found = fieldOf(document, field?.fieldPath)
  if (found === undefined || !isSameKind(found, value)) return false
  const difference = compareValues(found, value)
  switch (op) {
    case 'EQUAL':
      return difference === 0
    case 'LESS_THAN':
      return difference < 0
    case 'LESS_THAN_OR_EQUAL':
      return difference <= 0
    case 'GREATER_THAN':
      return difference > 0
    case 'GREATER_THAN_OR_EQUAL':
      return difference >= 0
    default:
      throw new Refusal('UNIMPLEMENTED', `the operator ${op} is not simulated`)
  }
}

/** As the server completes them: by the field of an inequality, and at last by name. */
function completeOrders(orders: readonly Order[], filters: readonly FieldFilter[]): Order[] {
  const unequal = filters.filter(({ op }) => op !== 'EQUAL').map(({ field }) => field?.fieldPath ?? '')
  const named = orders.map(({ field }) => field?.fieldPath)
  const implied = [...new Set(unequal)].filter((path) => !named.includes(path))
  const all: Order[] = [...orders, ...implied.map((fieldPath) => ({ field: { fieldPath } }))]
  if (named.includes(nameField)) return all
  const direction = all.at(-1)?.direction ?? 'ASCENDING'
  return [...all, { field: { fieldPath: nameField }, direction }]
}

function compareDocuments(left: Document, right: Document, orders: readonly Order[]): number {
  for (const { field, direction } of orders) {
    const difference = compareValues(fieldOf(left, field?.fieldPath) ?? {}, fieldOf(right, field?.fieldPath) ?? {})
    if (difference !== 0) return direction === 'DESCENDING' ? -difference : difference
  }
  return compareTexts(left.name, right.name)
}

function isBehind(document: Document, cursor: Cursor | undefined, orders: readonly Order[]): boolean {
  if (cursor === undefined) return true
  const difference = compareToCursor(document, cursor, orders)
  return cursor.before === true ? difference >= 0 : difference > 0
}

function isBefore(document: Document, cursor: Cursor | undefined, orders: readonly Order[]): boolean {
  if (cursor === undefined) return true
  const difference = compareToCursor(document, cursor, orders)
  return cursor.before === true ? difference < 0 : difference <= 0
}

function compareToCursor(document: Document, { values = [] }: Cursor, orders: readonly Order[]): number {
  for (const [index, value] of values.entries()) {
    const { field, direction } = orders[index] ?? {}
    const difference = compareValues(fieldOf(document, field?.fieldPath) ?? {}, value)
    if (difference !== 0) return direction === 'DESCENDING' ? -difference : difference
  }
  return 0
}

function fieldOf({ name, fields = {} }: Document, path = ''): Value | undefined {
  return path === nameField ? { referenceValue: name } : valueAt(fields, path)
}

function projected(document: Document, { select }: StructuredQuery): Document {
  if (select?.fields === undefined) return document
  const wanted = select.fields.map(({ fieldPath = '' }) => fieldPath)
  const fields = Object.entries(document.fields ?? {}).filter(([name]) => wanted.includes(name))
  return { ...document, fields: Object.fromEntries(fields) }
}
