import type { ChangeEvent } from '../event.js'
import type { EventStage } from './types.js'

/** Passes an event through stages, in order; `undefined` when one skips it. Throws what a stage throws. */
export function runStages(event: ChangeEvent, stages: readonly EventStage[]): ChangeEvent | undefined {
  let current: ChangeEvent | undefined = event
  for (const stage of stages) {
    current = stage(current)
    if (current === undefined) return undefined
  }
  return current
}
