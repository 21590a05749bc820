import { type ChangeEvent, EdsError, type JsonValue, type Row, stringifyJson, type TableSchema } from '@eds/core'
import { changeColumns, type TableColumn, tableColumns } from './parquet-columns.js'
import { keyValue, type ParquetValue, parquetValue } from './parquet-values.js'

/** One change, as the values of `changeColumns` and the table's columns. */
export type ParquetRow = readonly ParquetValue[]

/** How the rows of one version of a table become rows of a file. */
export interface RowFormat {
  readonly columns: readonly TableColumn[]
  readonly primaryKeys: readonly string[]
  /** Property names, for schemas that were inferred: what they lack has to be learned first. */
  readonly known: ReadonlySet<string> | undefined
}

export function rowFormat(schema: TableSchema): RowFormat {
  const known = schema.open ? new Set(Object.keys(schema.properties)) : undefined
  return { columns: tableColumns(schema), primaryKeys: schema.primaryKeys, known }
}

/** A property that an open schema does not name yet. */
export function unknownProperty({ known }: RowFormat, event: ChangeEvent): string | undefined {
  if (known === undefined) return undefined
  return Object.entries(imageOf(event)).find(([name, value]) => value != null && !known.has(name))?.[0]
}

/**
 * The change as a row. A DELETE has the image before it; what an image lacks of the primary key is taken from the event's key.
 *
 * @throws EdsError `record` when a value does not fit its column.
 */
export function parquetRow(format: RowFormat, event: ChangeEvent): ParquetRow {
  const image = imageOf(event)
  const missing: string[] = []
  const values = format.columns.map(({ property, kind }) => {
    const isThere = Object.hasOwn(image, property) && image[property] !== undefined
    const key = isThere ? undefined : keyOf(format, event, property)
    if (!isThere && key === undefined) missing.push(property)
    const value = key === undefined ? parquetValue(kind, isThere ? image[property] : null) : keyValue(kind, key)
    if (value !== undefined) return value
    const shown = JSON.stringify(stringifyJson(image[property]) ?? key)?.slice(0, 80)
    throw new EdsError('record', `S3: ${shown} does not fit the ${kind} column "${event.table}"."${property}"`)
  })
  return [...changeValues(event, missing), ...values]
}

function imageOf({ operation, before, after }: ChangeEvent): Row {
  return (operation === 'DELETE' ? before : after) ?? {}
}

function keyOf({ primaryKeys }: RowFormat, { key }: ChangeEvent, property: string): string | undefined {
  const index = primaryKeys.indexOf(property)
  if (index < 0) return undefined
  if (primaryKeys.length === 1) return key.at(-1)
  return key.length === primaryKeys.length + 1 ? key[index + 1] : undefined
}

function changeValues(event: ChangeEvent, missing: readonly string[]): ParquetValue[] {
  const { operation, id, position, timestamp, mvccTimestamp, modelVersion, companyId, locationId, userId, key } = event
  const values: Readonly<Record<string, JsonValue | undefined>> = {
    _eds_operation: operation,
    _eds_id: id,
    _eds_position: position,
    _eds_mvcc_timestamp: mvccTimestamp,
    _eds_model_version: modelVersion,
    _eds_company_id: companyId,
    _eds_location_id: locationId,
    _eds_user_id: userId,
    _eds_key: key,
    _eds_missing: missing.length === 0 ? null : missing,
  }
  return changeColumns.map(({ name, kind }) => {
    if (name === '_eds_timestamp') return BigInt(Math.round(timestamp * 1_000))
    const value = parquetValue(kind, values[name])
    if (value === undefined) throw new EdsError('record', `S3: the event's ${name.slice(5)} is not valid text`)
    return value
  })
}
