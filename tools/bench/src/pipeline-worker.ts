import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createPipeline, type Driver, type DriverDefinition, sink, staticRegistry } from '@eds/core'
import { nats } from '@eds/source-nats'
import { openLmdbState } from '@eds/state-lmdb'
import { allShopSchemas } from './schemas.js'
import type { PipelineTask } from './tasks.js'
import type { Measurement } from './worker.js'

/** The pipeline as the `eds` command runs it: durable state, declared schemas. */
export async function runPipeline(task: PipelineTask): Promise<Measurement> {
  const folder = await mkdtemp(join(tmpdir(), 'eds-bench-'))
  const state = await openLmdbState({ directory: folder })
  const latenciesMs: number[] = []
  const { default: definition }: { default: DriverDefinition } = await import(task.driver)
  const end = new AbortController()
  let events = 0
  const pipeline = createPipeline({
    source: nats({ servers: task.natsUrl, stream: task.stream, filterSubjects: [`${task.stream}.>`], ack: task.ack }),
    sinks: [
      sink(task.measureLatency ? timed(definition, latenciesMs) : definition, task.url, {
        name: `bench-${process.pid}`,
      }),
    ],
    registry: staticRegistry(allShopSchemas),
    state,
    start: { at: 'beginning' },
    logger: { debug() {}, info() {}, warn: complain, error: complain },
    metrics: {
      onBatch: (_, batch) => {
        events += batch.events
        if (events >= task.events) end.abort()
      },
      onState: (_, to) => {
        if (to === 'running') process.send?.('ready')
      },
    },
  })
  await pipeline.run({ signal: end.signal })
  await state.close()
  await rm(folder, { recursive: true })
  return task.measureLatency ? { events, latenciesMs } : { events }
}

function complain(_: object, message: string): void {
  console.error(message)
}

/** Notes when each event became durable. */
function timed(definition: DriverDefinition, latenciesMs: number[]): DriverDefinition {
  return { ...definition, create: (config, context) => timedDriver(definition.create(config, context), latenciesMs) }
}

function timedDriver(driver: Driver, latenciesMs: number[]): Driver {
  return {
    connect: (signal) => driver.connect(signal),
    close: () => driver.close(),
    ...(driver.schema && { schema: driver.schema }),
    write: async (batch, signal) => {
      const result = await driver.write(batch, signal)
      const now = process.hrtime.bigint()
      for (const { id } of batch.events) latenciesMs.push(Number(now - BigInt(id)) / 1e6)
      return result
    },
  }
}
