import { readSinkPosition, type StateStore } from '@eds/core'
import { Beginnings } from './beginnings.js'

/**
 * Sets a sink back when it has come further than this time: what it has applied since is about to be replaced by rows of then, and has
 * to be delivered again. To be called before they are, so that a crash in between loses nothing.
 *
 * @param time - epoch milliseconds
 */
export async function rewindBefore(state: StateStore, sink: string, time: number): Promise<void> {
  const beginnings = new Beginnings(state)
  const position = await readSinkPosition(state, sink)
  const start = await beginnings.startOf(sink)
  const stood = position?.time ?? (start?.at === 'time' ? start.time : undefined)
  if (stood !== undefined && stood > time) await beginnings.beginAt(sink, { at: 'time', time })
}
