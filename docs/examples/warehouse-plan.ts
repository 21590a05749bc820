/** The warehouse sink's pure half: events → merges and their SQL. */
import {
  type ChangeEvent,
  type ColumnSchema,
  columnOrder,
  EdsError,
  isEdsError,
  primaryKeyOf,
  type Row,
  type TableSchema,
  type WriteFailure,
} from '@eds/core'

/** Rows of one table that set the same columns. */
export interface Merge {
  readonly schema: TableSchema
  /** What the rows set; a matching row keeps its other columns. */
  readonly columns: readonly string[]
  /** At most one row per key; `_deleted` marks those to delete. */
  readonly rows: Row[]
}

interface RowState {
  readonly schema: TableSchema
  readonly values: Row
  readonly isDeleted: boolean
}

/**
 * Merges each row's changes into its last state. An event that can never be applied fails, and with it the later ones of its row;
 * all others are written at the price of one batch. Throws `schema` when a table or column was not prepared.
 */
export function planMerges(
  events: readonly ChangeEvent[],
  schemaOf: (event: ChangeEvent) => TableSchema | undefined,
): { merges: Merge[]; failures: WriteFailure[] } {
  const rows = new Map<string, RowState>()
  const failed = new Map<string, EdsError>()
  const failures: WriteFailure[] = []
  events.forEach((event, index) => {
    const earlier = failed.get(event.rowKey)
    try {
      if (earlier) throw earlier
      rows.set(event.rowKey, nextState(event, index, schemaOf(event), rows.get(event.rowKey)))
    } catch (error) {
      if (!isEdsError(error) || error.code !== 'record') throw error
      failed.set(event.rowKey, error)
      failures.push({ index, error })
    }
  })
  return { merges: group(rows.values()), failures }
}

function nextState(event: ChangeEvent, index: number, schema: TableSchema | undefined, last?: RowState): RowState {
  const { table, operation, after = {} } = event
  const isKnown = (name: string) => schema !== undefined && Object.hasOwn(schema.properties, name)
  const isNew = schema?.open && Object.keys(after).some((name) => after[name] !== null && !isKnown(name))
  if (schema === undefined || isNew) throw new EdsError('schema', `"${table}" was not prepared`, { index, table })
  const values = primaryKeyOf(event, schema.primaryKeys)
  const key = Object.fromEntries(schema.primaryKeys.map((name, position) => [name, values[position]]))
  if (operation === 'DELETE') return { schema, values: { ...key, _deleted: true }, isDeleted: true }
  const base = operation === 'UPDATE' && !last?.isDeleted ? last?.values : undefined
  const known = Object.fromEntries(Object.entries(after).filter(([name]) => isKnown(name)))
  return { schema, values: { ...base, ...known, ...key }, isDeleted: false }
}

function group(states: Iterable<RowState>): Merge[] {
  const merges = new Map<string, Merge>()
  for (const { schema, values } of states) {
    const columns = columnOrder(schema).filter((name) => values[name] !== undefined)
    const key = JSON.stringify([schema.table, columns])
    const merge = merges.get(key) ?? { schema, columns, rows: [] }
    merges.set(key, merge)
    merge.rows.push(values)
  }
  return [...merges.values()]
}

export function mergeStatement(file: string, { schema, columns }: Pick<Merge, 'schema' | 'columns'>): string {
  const { table, primaryKeys } = schema
  const set = columns.filter((name) => !primaryKeys.includes(name)).map((name) => `${quote(name)} = s.${quote(name)}`)
  return [
    `MERGE INTO ${quote(table)} t USING '@stage/${file}' s`,
    `ON ${primaryKeys.map((name) => `t.${quote(name)} = s.${quote(name)}`).join(' AND ')}`,
    'WHEN MATCHED AND s._deleted THEN DELETE',
    ...(set.length > 0 ? [`WHEN MATCHED THEN UPDATE SET ${set.join(', ')}`] : []),
    'WHEN NOT MATCHED AND NOT coalesce(s._deleted, false) THEN',
    `INSERT (${columns.map(quote).join(', ')}) VALUES (${columns.map((name) => `s.${quote(name)}`).join(', ')})`,
  ].join('\n')
}

export function createTable(schema: TableSchema, verb: 'CREATE' | 'CREATE OR REPLACE'): string {
  const columns = columnOrder(schema).map((name) => columnDefinition(schema, name))
  return `${verb} TABLE ${quote(schema.table)} (${columns.join(', ')})`
}

const types: Readonly<Record<ColumnSchema['type'], string>> = {
  string: 'STRING',
  integer: 'INTEGER',
  number: 'DOUBLE',
  boolean: 'BOOLEAN',
  object: 'VARIANT',
  array: 'VARIANT',
}

export function columnDefinition({ properties, primaryKeys }: TableSchema, name: string): string {
  const type = types[properties[name]?.type ?? 'string']
  return `${quote(name)} ${type}${primaryKeys.includes(name) ? ' NOT NULL' : ''}`
}

export function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
