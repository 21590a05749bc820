import { keyProblems } from '../config/key-problems.js'
import { reshapeStage } from '../config/reshape-event.js'
import { reshapedRegistry } from '../config/reshaped-registry.js'
import { type Shapes, shapesOf } from '../config/table-shape.js'
import type { PlannedSink } from '../host/sinks.js'

type KnownTables = Parameters<typeof keyProblems>[0]

/** `table.column` → its parts. */
export function splitFilter(filter: string): { readonly table: string; readonly column: string } {
  const dot = filter.lastIndexOf('.')
  return { table: filter.slice(0, dot), column: filter.slice(dot + 1) }
}

/**
 * The sink, without the columns that the filters name: neither its events nor its schemas have them. Not for the sockets, whose driver
 * leaves them out itself, after it has found out who gets a change, which may be by such a column.
 */
export function hideColumns(planned: PlannedSink, filters: readonly string[]): PlannedSink {
  if (filters.length === 0) return planned
  const shapes = shapesWithout(filters)
  const { sink } = planned
  const stages = [...(sink.options.stages ?? []), reshapeStage({ filters: [], shapes, hashKey: undefined })]
  return {
    ...planned,
    sink: { ...sink, options: { ...sink.options, stages } },
    registry: (registry) => reshapedRegistry(planned.registry?.(registry) ?? registry, shapes, []),
  }
}

/** Filters that would take from a destination what it tells rows apart by. */
export function hiddenKeyProblems(filters: readonly string[], tables: KnownTables): string[] {
  return keyProblems(tables, shapesWithout(filters), []).map((problem) => `FILTERS: ${problem}`)
}

function shapesWithout(filters: readonly string[]): Shapes {
  return shapesOf(filters.map(splitFilter).map(({ table, column }) => ({ table, columns: { exclude: [column] } })))
}
