import { createPipeline, memoryDeadLetters, type Pipeline, type StateStore, sink } from '@eds/core'
import driver from '@eds/driver-postgres'
import type { PostgresSource } from '../../src/index.js'

/** The source delivering into another database. */
export function delivering(source: PostgresSource, target: string, state?: StateStore): Pipeline {
  return createPipeline({
    source,
    registry: source.registry,
    sinks: [sink(driver, target, { name: 'copy' })],
    onError: 'halt',
    deadLetters: memoryDeadLetters(),
    retry: { baseMs: 50, maxMs: 500 },
    ...(state ? { state } : {}),
  })
}
