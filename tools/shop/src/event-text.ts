import type { Operation, TableSchema } from '@eds/core'
import { parseExact } from './exact-json.js'
import { memberSpans } from './json-spans.js'
import type { ShopSchemas } from './schemas.js'

/** What an event says, as far as the rows of a table are concerned. */
export interface TextChange {
  readonly id: string
  readonly schema: TableSchema
  readonly operation: Operation
  /** See {@link primaryKeyText}. */
  readonly key: string
  /** JSON text of the image. */
  readonly after: string | undefined
}

/**
 * Reads an event without changing its numbers.
 *
 * @throws Error when the text is no event, or its table and version are not among the schemas.
 */
export function readChange(text: string, schemas: ShopSchemas): TextChange {
  const fields = new Map(memberSpans(text))
  const table = textOf(fields, 'table')
  const modelVersion = textOf(fields, 'modelVersion')
  const schema = schemas.get(table, modelVersion)
  if (schema === undefined) throw new Error(`no schema of table "${table}" in version "${modelVersion}"`)
  const after = fields.get('after')
  const key = keyOfEvent(fields, schema) ?? keyOfImage(after ?? fields.get('before') ?? '{}', schema)
  return { id: textOf(fields, 'id'), schema, operation: operationOf(fields), key, after }
}

/** The text under which a row is known: a JSON array of the key values as text, `["a","3"]`. */
export function primaryKeyText(values: readonly string[]): string {
  return JSON.stringify(values)
}

/** The key that a row's image holds. */
export function keyOfImage(image: string, { table, primaryKeys }: TableSchema): string {
  const sources = new Map(memberSpans(image))
  const values = primaryKeys.map((name) => parseExact(sources.get(name) ?? 'null'))
  if (!values.includes(null)) return primaryKeyText(values.map(String))
  throw new Error(`no primary key (${primaryKeys.join(', ')}) of table "${table}" in the row or the event's key`)
}

/** From the event's key, which begins with the region; `undefined` when its length does not fit. */
function keyOfEvent(fields: ReadonlyMap<string, string>, { primaryKeys }: TableSchema): string | undefined {
  const key: unknown = JSON.parse(fields.get('key') ?? '[]')
  const fits = Array.isArray(key) && key.length === primaryKeys.length + 1
  return fits ? primaryKeyText(key.slice(1).map(String)) : undefined
}

function textOf(fields: ReadonlyMap<string, string>, name: string): string {
  const value: unknown = JSON.parse(fields.get(name) ?? 'null')
  if (typeof value === 'string') return value
  throw new Error(`an event must have "${name}", a string`)
}

function operationOf(fields: ReadonlyMap<string, string>): Operation {
  const operation = textOf(fields, 'operation')
  if (operation === 'INSERT' || operation === 'UPDATE' || operation === 'DELETE') return operation
  throw new Error(`no such operation: ${operation}`)
}
