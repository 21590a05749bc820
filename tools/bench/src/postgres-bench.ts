import { type PrivateServer, startNats, startPostgres } from '@eds/tool-services'
import type { BenchScale } from './command-line.js'
import { copyLimit, emptyTables, keepTemplate } from './copy-limit.js'
import { serverCpuMicros } from './cpu.js'
import { type BenchRow, median, row } from './result.js'
import { fillStream } from './stream.js'
import type { PipelineTask } from './tasks.js'
import { runWorker } from './worker-process.js'
import { benchEvents } from './workload.js'

interface Round {
  readonly rate: number
  readonly nodeMicros: number
  readonly postgresMicros: number
  readonly natsMicros: number
  readonly peakRssMegabytes: number
}

const postgresDriver = '@eds/driver-postgres'

const ways = [
  { metric: 'one statement per event', driver: new URL('./statement-per-event.js', import.meta.url).href, ack: 'all' },
  { metric: 'pipeline', driver: postgresDriver, ack: 'all' },
  { metric: 'pipeline, explicit acknowledgements', driver: postgresDriver, ack: 'explicit' },
] as const

/** NATS JetStream → PostgreSQL, beside `psql \copy` of the same rows and the plain way. */
export async function postgresBench({ quick, rounds }: BenchScale, report: (row: BenchRow) => void): Promise<void> {
  const nats = await startNats()
  const postgres = await startPostgres()
  try {
    const stream = 'postgresbench'
    const events = await fillStream(nats.url, stream, benchEvents(quick ? 20_000 : 200_000))
    const task = { kind: 'pipeline', natsUrl: nats.url, stream, url: postgres.url, events } as const
    await runWorker({ ...task, driver: postgresDriver, ack: 'all' } satisfies PipelineTask)
    const files = await keepTemplate(postgres.url)
    const copied: number[] = []
    const measured = new Map<string, Round[]>(ways.map(({ metric }) => [metric, []]))
    for (let round = 0; round < rounds; round++) {
      copied.push(await copyLimit(postgres.url, files))
      for (const { metric, driver, ack } of ways) {
        await emptyTables(postgres.url)
        measured.get(metric)?.push(await measure({ ...task, driver, ack }, nats, postgres))
      }
    }
    await files.remove()
    reportAll(copied, measured, report)
  } finally {
    await Promise.all([nats.remove(), postgres.remove()])
  }
}

async function measure(task: PipelineTask, nats: PrivateServer, postgres: PrivateServer): Promise<Round> {
  const postgresBefore = serverCpuMicros('postgres', postgres.port)
  const natsBefore = serverCpuMicros('nats-server', nats.port)
  const { events, seconds, cpuMicros, peakRssBytes } = await runWorker(task)
  return {
    rate: events / seconds,
    nodeMicros: cpuMicros / events,
    postgresMicros: (serverCpuMicros('postgres', postgres.port) - postgresBefore) / events,
    natsMicros: (serverCpuMicros('nats-server', nats.port) - natsBefore) / events,
    peakRssMegabytes: peakRssBytes / 1e6,
  }
}

function reportAll(
  copied: readonly number[],
  measured: ReadonlyMap<string, readonly Round[]>,
  report: (row: BenchRow) => void,
): void {
  report(row('postgres', 'psql \\copy of ready files', 'rows/s', copied))
  const naive = median((measured.get('one statement per event') ?? []).map(({ rate }) => rate))
  for (const [metric, rounds] of measured) {
    const comparison = metric === 'one statement per event' ? {} : { limit: median(copied), naive }
    report(
      row(
        'postgres',
        metric,
        'events/s',
        rounds.map(({ rate }) => rate),
        comparison,
      ),
    )
    report(
      row(
        'postgres',
        `${metric}: CPU of node`,
        'µs/event',
        rounds.map(({ nodeMicros }) => nodeMicros),
      ),
    )
    report(
      row(
        'postgres',
        `${metric}: CPU of PostgreSQL`,
        'µs/event',
        rounds.map(({ postgresMicros }) => postgresMicros),
      ),
    )
    report(
      row(
        'postgres',
        `${metric}: CPU of NATS`,
        'µs/event',
        rounds.map(({ natsMicros }) => natsMicros),
      ),
    )
    report(
      row(
        'postgres',
        `${metric}: peak RSS`,
        'MB',
        rounds.map(({ peakRssMegabytes }) => peakRssMegabytes),
      ),
    )
  }
}
