import type { EventBatch, WriteResult } from '@eds/core'
import type { ObjectStore } from './object-store.js'

/** One way of keeping events in a bucket. */
export interface EventWriter {
  /** As `Driver.write`; settles only when nothing is on its way any more. */
  write(store: ObjectStore, batch: EventBatch, signal: AbortSignal): Promise<WriteResult>
}
