import type { ChangeEvent } from './event.js'
import type { EventStage } from './pipeline/types.js'

/**
 * Skips what an import has brought already: events made, and committed, before their table was exported. Tables that are not in the map
 * pass. The map is looked at for each event, so entries may be added while the pipeline runs.
 *
 * @param exportedAt - table → when its export was taken, epoch milliseconds. An event of that very millisecond passes: applying it
 * twice is harmless, losing it is not.
 */
export function skipImported(exportedAt: ReadonlyMap<string, number>): EventStage {
  return (event) => {
    const time = exportedAt.get(event.table) ?? Number.NEGATIVE_INFINITY
    return event.timestamp < time && committedAt(event) < time ? undefined : event
  }
}

/** Whole milliseconds. A change that was made before an export and committed after it is not in the export. */
function committedAt({ mvccTimestamp }: Pick<ChangeEvent, 'mvccTimestamp'>): number {
  return Number(/^(\d+)\d{6}(?:\.|$)/.exec(mvccTimestamp)?.[1] ?? Number.NEGATIVE_INFINITY)
}

/** Passes events of these companies only. An event without a company is skipped. */
export function onlyCompanies(companyIds: Iterable<string>): EventStage {
  const wanted = new Set(companyIds)
  return (event) => (event.companyId !== undefined && wanted.has(event.companyId) ? event : undefined)
}

/** Passes events of these tables only. */
export function onlyTables(tables: Iterable<string>): EventStage {
  const wanted = new Set(tables)
  return (event) => (wanted.has(event.table) ? event : undefined)
}
