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

/** `'string'`, `'object!'` (required and not null), `'date-time'`, `'enum[]'`. */
export type ColumnNote = `${ColumnType | 'date-time' | 'enum[]'}${'' | '!'}`

/** A schema from notes, for tests; `id` is a text key unless said otherwise. */
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
