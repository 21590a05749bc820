import type { StateStore } from '../runtime.js'
import { type DurablePosition, LaneProgress } from './lane-progress.js'

/** The part of a pipeline's state in which a sink's lane keeps its place. */
export function laneState(state: StateStore, sink: string): StateStore {
  return state.namespace(`sink:${sink}`).namespace('lane')
}

/**
 * The last durable position of a sink, read from the state store of a pipeline that is not running. `undefined` when the sink is not
 * known there.
 */
export async function readSinkPosition(state: StateStore, sink: string): Promise<DurablePosition | undefined> {
  const progress = new LaneProgress(laneState(state, sink), (action) => action())
  await progress.load()
  return progress.durable
}

/**
 * Makes a sink go on just after another position the next time that its pipeline runs; it must not be running now. Without a
 * position the sink is forgotten here: it goes on with what the source remembers of its cursor, unless `Source.forget` was called too.
 */
export async function writeSinkPosition(
  state: StateStore,
  sink: string,
  to: DurablePosition | undefined,
): Promise<void> {
  await laneState(state, sink).write({ position: to && JSON.stringify(to), cut: undefined })
}
