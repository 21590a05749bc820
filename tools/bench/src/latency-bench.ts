import { randomUUID } from 'node:crypto'
import { shopEvents } from '@eds/shop'
import { startNats, startPostgres } from '@eds/tool-services'
import { connect, type NatsConnection } from 'nats'
import type { BenchScale } from './command-line.js'
import { type BenchRow, median, percentile, row } from './result.js'
import { fillStream } from './stream.js'
import type { BareTask, PipelineTask } from './tasks.js'
import { runWorker } from './worker-process.js'

const eventsPerSecond = 200

/** From publishing to durable in PostgreSQL, at a rate that leaves everything idle most of the time. */
export async function latencyBench({ quick, rounds }: BenchScale, report: (row: BenchRow) => void): Promise<void> {
  const nats = await startNats()
  const postgres = await startPostgres()
  try {
    const events = eventsPerSecond * (quick ? 5 : 20)
    const bare: (readonly number[])[] = []
    const pipeline: (readonly number[])[] = []
    for (let round = 0; round < rounds; round++) {
      const common = { natsUrl: nats.url, url: postgres.url, events }
      bare.push(await latencies({ ...common, kind: 'bare', stream: `bare${round}` }))
      pipeline.push(
        await latencies({
          ...common,
          kind: 'pipeline',
          stream: `eds${round}`,
          ack: 'all',
          driver: '@eds/driver-postgres',
          measureLatency: true,
        }),
      )
    }
    for (const [name, share] of [
      ['p50', 0.5],
      ['p99', 0.99],
    ] as const) {
      const plain = bare.map((values) => percentile(values, share))
      report(row('latency', `bare loop ${name}`, 'ms', plain))
      report(
        row(
          'latency',
          `pipeline ${name}`,
          'ms',
          pipeline.map((values) => percentile(values, share)),
          { naive: median(plain) },
        ),
      )
    }
  } finally {
    await Promise.all([nats.remove(), postgres.remove()])
  }
}

async function latencies(task: BareTask | PipelineTask): Promise<readonly number[]> {
  await fillStream(task.natsUrl, task.stream, [])
  const connection = await connect({ servers: task.natsUrl })
  let publishing: Promise<void> | undefined
  const { latenciesMs = [] } = await runWorker(task, () => {
    publishing ??= publish(connection, task.stream, task.events)
  })
  await publishing
  await connection.close()
  return latenciesMs.slice(Math.floor(latenciesMs.length / 10))
}

/** Rows of one table, at a steady rate; the id of each event is the moment it was sent, in nanoseconds of the monotonic clock. */
async function publish(connection: NatsConnection, stream: string, count: number): Promise<void> {
  const [template] = shopEvents({ seed: 1, events: 1, tables: ['order'], rowBytes: 'small' })
  if (!template) throw new Error('the shop made no event')
  const text = template.bytes.toString('utf8')
  const [rowId = ''] = template.primaryKey
  const startedAt = performance.now()
  for (let index = 0; index < count; index++) {
    const wait = startedAt + (index * 1000) / eventsPerSecond - performance.now()
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait))
    const event = text.replaceAll(rowId, randomUUID()).replaceAll(template.id, String(process.hrtime.bigint()))
    connection.publish(`${stream}.order`, event)
  }
  await connection.flush()
}
