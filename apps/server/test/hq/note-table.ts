import type { TableSchema } from '@eds/core'
import type { SimEvent } from '@eds/tool-hq-sim'

/** A small table whose second version has a column more. */
const properties = {
  id: { type: 'string' },
  companyId: { type: 'string' },
  title: { type: 'string', nullable: true },
} as const

function schema(table: string, modelVersion: string, more: TableSchema['properties'] = {}): TableSchema {
  return { table, modelVersion, primaryKeys: ['id'], required: ['id'], properties: { ...properties, ...more } }
}

export const noteSchemas: readonly TableSchema[] = [
  schema('note', 'fff000001'),
  schema('note', 'fff000002', { color: { type: 'string', nullable: true } }),
  schema('label', 'fff000003'),
]

let count = 0

export interface NoteChange {
  readonly operation?: 'INSERT' | 'UPDATE' | 'DELETE'
  readonly table?: string
  readonly modelVersion?: string
  readonly companyId: string
  readonly row: Readonly<Record<string, unknown>>
}

/** An event as HQ's stream brings it. */
export function noteEvent(change: NoteChange): SimEvent {
  const { operation = 'INSERT', table = 'note', modelVersion = 'fff000001', companyId, row } = change
  const timestamp = Date.now()
  const image = { ...row, companyId }
  const event = {
    operation,
    id: `note-event-${++count}`,
    table,
    key: ['gcp-us-west1', row.id],
    modelVersion,
    companyId,
    locationId: 'l1',
    ...(operation === 'DELETE' ? { before: image } : { after: image }),
    timestamp,
    mvccTimestamp: `${timestamp}000000.0000000000`,
  }
  return event
}
