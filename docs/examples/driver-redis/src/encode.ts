import { type ChangeEvent, EdsError } from '@eds/core'
import type { StoreEntry } from './store.js'

/**
 * One entry per event, with its bytes as the source sent them, in the stream of its table.
 *
 * @throws EdsError `record` with the index of the first event that is too large. Then nothing of the batch is sent: the pipeline sets
 * the event aside and comes again with the others.
 */
export function encodeEntries(events: readonly ChangeEvent[], maxEventBytes: number): StoreEntry[] {
  return events.map(({ table, id, bytes }, index) => {
    if (bytes.length <= maxEventBytes) return { stream: table, bytes }
    throw new EdsError('record', `event "${id}" of table "${table}" has ${bytes.length} bytes`, {
      ...{ index, table },
      fix: `raise maxEventBytes (now ${maxEventBytes}), or exclude the table`,
    })
  })
}
