import {
  type ChangeEvent,
  type ColumnSchema,
  type ColumnType,
  decodeEvent,
  type Operation,
  padSequence,
  type Row,
  stringifyJson,
  type TableSchema,
} from '@eds/core'
import type { SnowflakeCatalogColumn, SnowflakeCatalogTable } from '../src/catalog.js'
import { columnType } from '../src/column-type.js'

/** `'string'`, `'object!'` (required and not null), `'date-time'`, `'enum[]'`. */
export type ColumnNote = `${ColumnType | 'date-time' | 'enum[]'}${'' | '!'}`

/** A schema from notes; `id` is a text key unless said otherwise. */
export function schemaOf(
  table: string,
  notes: Readonly<Record<string, ColumnNote>>,
  {
    primaryKeys = ['id'],
    modelVersion = 'v1',
    open,
  }: { primaryKeys?: string[]; modelVersion?: string; open?: true } = {},
): TableSchema {
  const columns = Object.entries(primaryKeys.includes('id') ? { id: 'string!' as const, ...notes } : notes)
  const properties = Object.fromEntries(columns.map(([name, note]) => [name, columnOf(note)]))
  const required = columns.filter(([, note]) => note.endsWith('!')).map(([name]) => name)
  return { table, modelVersion, primaryKeys, required, properties, ...(open && { open }) }
}

function columnOf(note: ColumnNote): ColumnSchema {
  const nullable = note.endsWith('!') ? {} : { nullable: true }
  const type = note.replace('!', '')
  if (type === 'date-time') return { type: 'string', format: 'date-time', ...nullable }
  if (type === 'enum[]') return { type: 'array', items: { type: 'string', enum: ['a', 'b'] }, ...nullable }
  return { type: type as ColumnType, ...nullable }
}

/** The table as EDS would make it, with changes to single columns. */
export function catalogOf(
  schema: TableSchema,
  changes: Readonly<Record<string, Partial<SnowflakeCatalogColumn>>> = {},
): SnowflakeCatalogTable {
  const columns = Object.entries(schema.properties).map(([name, property]): [string, SnowflakeCatalogColumn] => {
    const type = typeNames[columnType(property)] ?? 'TEXT'
    return [name, { ...catalogColumn(name, type), notNull: schema.primaryKeys.includes(name), ...changes[name] }]
  })
  return { table: schema.table, isTable: true, columns: new Map(columns), uniqueKeys: [schema.primaryKeys] }
}

const typeNames: Readonly<Record<string, string>> = {
  INTEGER: 'NUMBER',
  FLOAT: 'FLOAT',
  BOOLEAN: 'BOOLEAN',
  VARIANT: 'VARIANT',
  'TIMESTAMP_NTZ(9)': 'TIMESTAMP_NTZ',
}

export function catalogColumn(name: string, type: string): SnowflakeCatalogColumn {
  return {
    name,
    type,
    maxLength: type === 'TEXT' ? 16_777_216 : undefined,
    precision: type === 'NUMBER' ? 38 : undefined,
    scale: type === 'NUMBER' ? 0 : type.startsWith('TIMESTAMP') ? 9 : undefined,
    notNull: false,
    hasDefault: false,
    generated: false,
  }
}

let sequence = 0

/** An event as the pipeline decodes it. `key` without the region; default: the `id` of its image. */
export function eventOf(
  operation: Operation,
  table: string,
  image: Row,
  more: {
    key?: readonly string[]
    modelVersion?: string
    mvcc?: number | string
    imported?: true
    diff?: string[]
  } = {},
): ChangeEvent {
  sequence++
  const { key = [String(image.id)], modelVersion = 'v1', mvcc = sequence, imported, diff } = more
  const text = stringifyJson({
    operation,
    id: `change-${sequence}`,
    table,
    key: ['region', ...key],
    modelVersion,
    [operation === 'DELETE' ? 'before' : 'after']: image,
    timestamp: 1_720_000_000_000 + sequence,
    mvccTimestamp: typeof mvcc === 'string' ? mvcc : `${mvcc}.0000000000`,
    imported,
    diff,
  })
  return decodeEvent({ position: padSequence(sequence), bytes: Buffer.from(text ?? ''), time: 0 })
}
