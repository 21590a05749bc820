import { type Column, columns } from './columns.js'
import * as definitions from './table-columns.js'

/** How much a row holds: `small` is about 1 KB per event and 20 columns, for benchmarks; `realistic` 1 to 8 KB. */
export type RowBytes = 'small' | 'realistic'

/** How a table's primary keys are made. */
export type KeyStyle =
  /** One UUID. */
  | 'uuid'
  /** One short name; there are names that differ in upper and lower case only. */
  | 'mixedCase'
  /** Two UUIDs; several rows share the first. */
  | 'pair'
  /** A UUID and a small integer. */
  | 'position'

export interface TableDefinition {
  readonly table: string
  readonly keyStyle: KeyStyle
  readonly primaryKeys: readonly string[]
  /** Share of the events, relative to the other tables. */
  readonly weight: number
  /** Primary keys first; a column of a later version stands behind those of the earlier ones. */
  readonly columns: readonly Column[]
}

/** Every table has this many versions; each adds columns. */
export const versionCount = 3

interface Outline {
  readonly keyStyle?: KeyStyle
  readonly primaryKeys?: readonly string[]
  readonly weight?: number
  readonly columns: string
}

const outlines: Readonly<Record<string, Outline>> = {
  order: { weight: 5, columns: definitions.order },
  customer: { weight: 3, columns: definitions.customer },
  vehicle: { weight: 3, columns: definitions.vehicle },
  appointment: { weight: 2, columns: definitions.appointment },
  appointment_user_connection: {
    keyStyle: 'pair',
    primaryKeys: ['appointmentId', 'userId'],
    columns: definitions.connection,
  },
  vehicle_owner: { keyStyle: 'pair', primaryKeys: ['vehicleId', 'customerId'], columns: definitions.connection },
  service: { weight: 2, columns: definitions.service },
  inspection: { columns: definitions.inspection },
  inspection_item: { weight: 2, columns: definitions.inspection },
  inventory_part: { weight: 2, columns: definitions.part },
  purchase_order: { columns: definitions.purchaseOrder },
  payment: { weight: 2, columns: definitions.payment },
  message: { weight: 3, columns: definitions.message },
  timesheet: { weight: 1, columns: definitions.timesheet },
  labor_matrix_range: {
    keyStyle: 'position',
    primaryKeys: ['laborMatrixId', 'position'],
    columns: definitions.range,
  },
  label: { keyStyle: 'mixedCase', columns: definitions.label },
  user: { columns: definitions.user },
}

/** Names of all tables that the workload knows; `order` and `user` are reserved words in SQL, on purpose. */
export const shopTables: readonly string[] = Object.keys(outlines)

/**
 * Definitions of these tables, in this order.
 *
 * @throws Error that names a table which the workload does not know.
 */
export function tableDefinitions(tables: readonly string[] | undefined, rowBytes: RowBytes): TableDefinition[] {
  const names = new Set(tables ?? shopTables)
  if (names.size === 0) throw new Error('tables must name at least one table')
  return [...names].map((table) => tableDefinition(table, rowBytes))
}

function tableDefinition(table: string, rowBytes: RowBytes): TableDefinition {
  const outline = Object.hasOwn(outlines, table) ? outlines[table] : undefined
  if (outline === undefined) throw new Error(`no table "${table}" in the shop; there are ${shopTables.join(', ')}`)
  const { keyStyle = 'uuid', primaryKeys = ['id'], weight = 1 } = outline
  const keyKinds = keyStyle === 'position' ? ['key', 'keyPosition'] : primaryKeys.map(() => 'key')
  const keys = primaryKeys.map((name, index) => `${keyKinds[index]}: ${name}`).join('\n')
  const rest = rowBytes === 'small' ? definitions.small : definitions.common + outline.columns
  return { table, keyStyle, primaryKeys, weight, columns: bySince(columns(`${keys}\n${rest}`)) }
}

function bySince(list: readonly Column[]): Column[] {
  return [...list].sort((left, right) => left.since - right.since)
}
