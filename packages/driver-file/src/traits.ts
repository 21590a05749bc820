import type { DriverTraits } from '@eds/core'
import type { FileConfig } from './config.js'

const common = {
  maxBatchBytes: 8 * 2 ** 20,
  maxInFlight: 1,
  lingerMs: 0,
  ordering: 'key',
  // Every change is kept, so none may be merged away.
  compaction: false,
  batches: 'free',
  start: 'resume',
} as const

/** A file per event is overwritten by the same event; a line that comes again stands there twice. */
export function traits({ format }: FileConfig): DriverTraits {
  if (format === 'json') return { ...common, maxBatchEvents: 1_000, redelivery: 'idempotent' }
  return { ...common, maxBatchEvents: 5_000, redelivery: 'duplicates' }
}
