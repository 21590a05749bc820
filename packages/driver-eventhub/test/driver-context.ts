import { type DriverContext, memoryState, systemClock } from '@eds/core'

/** What a driver needs to run outside of a pipeline. */
export function createDriverContext(): DriverContext {
  const silent = () => {}
  return {
    sink: 'test',
    session: 'test',
    logger: { debug: silent, info: silent, warn: silent, error: silent },
    clock: systemClock,
    random: Math.random,
    metrics: { count: silent },
    state: memoryState(),
  }
}
