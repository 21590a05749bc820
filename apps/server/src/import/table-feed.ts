import type { EdsError } from '@eds/core'
import type { TableImport } from './import-plan.js'

export interface TableFailure {
  readonly table: string
  readonly error: EdsError
}

/** Tables as they become ready to be loaded. */
export interface TableFeed {
  /** Names of all that are to come, as far as they are known yet. */
  readonly tables: readonly string[]
  /** How much there is to read, as far as it is known, bytes. */
  readonly totalBytes: number
  /** Each table once; ends after the last, rejects when no more can come. Any number of takers may share it. */
  readonly ready: AsyncIterableIterator<TableImport>
  /** Tables that will not come; complete when {@link ready} has ended. */
  readonly failures: readonly TableFailure[]
}
