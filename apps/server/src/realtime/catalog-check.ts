import type { TableSchema } from '@eds/core'
import type { RealtimeSettings } from '../settings/realtime.js'
import { splitFilter } from './hide-columns.js'

type Named = Pick<RealtimeSettings, 'tables' | 'sockets'>
type Tables = ReadonlyMap<string, Pick<TableSchema, 'properties'>>

interface NamedColumn {
  readonly where: string
  readonly table: string
  readonly column: string
}

/** Every table that the settings name, to be asked of the catalog. */
export function namedTables(settings: Named): string[] {
  const columns = namedColumns(settings).map(({ table }) => table)
  return [...new Set([...(settings.tables ?? []), ...Object.keys(settings.sockets.routing), ...columns])]
}

/** What the settings name and the database does not have. */
export function catalogProblems(settings: Named, tables: Tables): string[] {
  const missing = new Map<string, Set<string>>()
  const note = (table: string, where: string) => missing.set(table, (missing.get(table) ?? new Set()).add(where))
  const problems: string[] = []
  for (const table of settings.tables ?? []) if (!tables.has(table)) note(table, 'TABLE_NAMES')
  for (const table of Object.keys(settings.sockets.routing)) {
    if (!tables.has(table)) note(table, 'TABLE_AUTH_COLUMN_ROUTING')
  }
  for (const { where, table, column } of namedColumns(settings)) {
    const known = tables.get(table)
    if (known === undefined) note(table, where)
    else if (!Object.hasOwn(known.properties, column)) {
      problems.push(`${where}: table "${table}" has no column "${column}"`)
    }
  }
  const faults = [...missing].map(
    ([table, where]) => `${[...where].join(' and ')}: there is no table "${table}" with a primary key that we may read`,
  )
  return [...faults, ...problems]
}

/** Things that are no fault, and yet hardly meant. */
export function catalogRemarks({ tables, sockets }: Named): string[] {
  const routed = Object.keys(sockets.routing)
  const unrouted = (tables ?? []).filter((table) => !routed.includes(table))
  const uncaptured = tables === undefined ? [] : routed.filter((table) => !tables.includes(table))
  return [
    ...unrouted.map(
      (table) => `changes of "${table}" are sent to nobody: TABLE_AUTH_COLUMN_ROUTING has no rule for it`,
    ),
    ...uncaptured.map((table) => `"${table}" has a rule in TABLE_AUTH_COLUMN_ROUTING, but is not among TABLE_NAMES`),
  ]
}

function namedColumns({ sockets }: Named): NamedColumn[] {
  const routed = Object.entries(sockets.routing).flatMap(([table, rule]) =>
    [rule]
      .flat()
      .filter((column) => column !== '*')
      .map((column) => ({ where: 'TABLE_AUTH_COLUMN_ROUTING', table, column })),
  )
  const filtered = sockets.filters.map((filter) => ({ where: 'FILTERS', ...splitFilter(filter) }))
  return [...routed, ...filtered]
}
