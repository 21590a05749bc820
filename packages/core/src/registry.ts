import type { ChangeEvent } from './event.js'
import type { TableSchema } from './schema.js'

/** Where table schemas come from. */
export interface SchemaRegistry {
  /**
   * The schema of a table in one version. `undefined`: the registry answered and there is none (the event is dead-lettered).
   * Rejects with `EdsError('connection')` when it could not be asked (the lane waits and asks again).
   * `sample` is the event that raised the question; a registry that infers learns from it.
   */
  get(table: string, modelVersion: string, sample: ChangeEvent, signal: AbortSignal): Promise<TableSchema | undefined>
  /** Latest schema of every table, by table name. */
  latest(signal: AbortSignal): Promise<ReadonlyMap<string, TableSchema>>
}
