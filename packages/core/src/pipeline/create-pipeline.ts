import { randomUUID } from 'node:crypto'
import { EdsError } from '../errors.js'
import { memoryState } from '../memory-state.js'
import { inferRegistry } from '../registry-infer.js'
import type { Logger } from '../runtime.js'
import { systemClock } from '../system-clock.js'
import { createLane, type Wiring } from './create-lane.js'
import type { Pipeline, PipelineOptions, Sink } from './types.js'

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} }

/**
 * Connects one source with one or more sinks. Nothing happens before `run`.
 *
 * @throws EdsError `configuration` when there is no sink or two have the same name.
 */
export function createPipeline(options: PipelineOptions): Pipeline {
  checkNames(options.sinks)
  const wiring: Wiring = {
    state: memoryState(),
    clock: systemClock,
    random: Math.random,
    logger: silent,
    metrics: {},
    session: randomUUID(),
    registry: inferRegistry(),
    ...options,
  }
  const lanes = options.sinks.map((sink) => createLane(sink, wiring))
  return {
    lanes,
    async run({ signal = new AbortController().signal } = {}) {
      const outcomes = await Promise.allSettled(lanes.map((lane) => lane.run(signal)))
      await options.source.close()
      for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
    },
  }
}

function checkNames(sinks: readonly Sink[]): void {
  if (sinks.length === 0) throw new EdsError('configuration', 'a pipeline needs at least one sink')
  const names = sinks.map(({ name }) => name)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice)
    throw new EdsError('configuration', `two sinks are named "${twice}"`, { fix: 'give each a name of its own' })
}
