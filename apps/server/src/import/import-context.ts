import type { EventStage, StateStore, TableSchema } from '@eds/core'
import type { CommandCall } from '../command.js'
import type { PlannedSink } from '../host/sinks.js'
import type { ProgramLogger } from '../logging/create-logger.js'
import type { ImportSettings } from '../settings/import.js'
import type { TableFeed } from './table-feed.js'
import type { RowReading } from './table-rows.js'

/** What the steps of one import share. */
export interface ImportContext {
  readonly call: CommandCall
  readonly settings: ImportSettings
  readonly target: PlannedSink
  /** What every row goes through. */
  readonly stages: readonly EventStage[]
  readonly logger: ProgramLogger
  /** Absent where nothing is to be remembered. */
  readonly state: StateStore | undefined
}

/** Rows that can be loaded. */
export interface OpenImport {
  readonly feed: TableFeed
  /** `undefined` for a table that has no rows to make one of. Throws for one that must have a schema. */
  readonly schemaOf: (table: string) => TableSchema | undefined
  /** The tables may come. Called once, when the user has agreed. */
  readonly start: () => void
  /** How to go on after a failure; `undefined` when there is nothing to say. */
  readonly resume?: string
  /** Everything was loaded: what was only needed for it may go. */
  readonly finish: () => Promise<void>
  /** No more tables are wanted. May be called again, and before {@link start}. */
  readonly stop: () => void
}

export function readingOf(
  { call, settings, stages }: Pick<ImportContext, 'call' | 'settings' | 'stages'>,
  onBytes: RowReading['onBytes'],
): RowReading {
  const { companyIds, locationIds } = settings
  return { filter: { companyIds, locationIds }, stages, signal: call.io.signal, onBytes }
}
