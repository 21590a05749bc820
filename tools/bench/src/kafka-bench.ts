import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { kafkaJars, type PrivateServer, startKafka, startNats } from '@eds/tool-services'
import type { BenchScale } from './command-line.js'
import { serverCpuMicros } from './cpu.js'
import { type BenchRow, median, row } from './result.js'
import { fillStream } from './stream.js'
import type { PipelineTask } from './tasks.js'
import { runWorker } from './worker-process.js'
import { benchEvents } from './workload.js'

interface Round {
  readonly rate: number
  readonly nodeMicros: number
  readonly kafkaMicros: number
  readonly natsMicros: number
}

/** NATS JetStream → Kafka, beside Kafka's own measuring tool with records of the same size, both with all acknowledgements. */
export async function kafkaBench({ quick, rounds }: BenchScale, report: (row: BenchRow) => void): Promise<void> {
  const nats = await startNats()
  const kafka = await startKafka()
  try {
    const stream = 'kafkabench'
    const count = quick ? 20_000 : 100_000
    const events = await fillStream(nats.url, stream, benchEvents(count))
    const recordBytes = averageBytes(count)
    const limits: number[] = []
    const measured: Round[] = []
    const task = {
      kind: 'pipeline',
      natsUrl: nats.url,
      stream,
      ack: 'all',
      driver: '@eds/driver-kafka',
      events,
    } as const
    // The first round warms the servers up.
    for (let round = 0; round <= rounds; round++) {
      const limit = await producerLimit(kafka, { topic: `limit-${round}`, records: count, recordBytes })
      const outcome = await measure({ ...task, url: `${kafka.url}/pipeline-${round}` }, nats, kafka)
      if (round === 0) continue
      limits.push(limit)
      measured.push(outcome)
    }
    reportAll(limits, measured, report)
  } finally {
    await Promise.all([nats.remove(), kafka.remove()])
  }
}

function averageBytes(count: number): number {
  let bytes = 0
  for (const event of benchEvents(count)) bytes += event.bytes.length
  return Math.round(bytes / count)
}

interface LimitTask {
  readonly topic: string
  readonly records: number
  readonly recordBytes: number
}

/** Records per second of `kafka-producer-perf-test`. */
async function producerLimit(kafka: PrivateServer, { topic, records, recordBytes }: LimitTask): Promise<number> {
  const { stdout } = await promisify(execFile)('java', [
    ...['-Dorg.slf4j.simpleLogger.defaultLogLevel=error', '-cp', join(kafkaJars(), '*')],
    ...['org.apache.kafka.tools.ProducerPerformance', '--topic', topic, '--throughput', '-1'],
    ...['--num-records', String(records), '--record-size', String(recordBytes)],
    ...['--producer-props', `bootstrap.servers=127.0.0.1:${kafka.port}`, 'acks=all'],
  ])
  const [, rate] = /, ([\d.]+) records\/sec/.exec(stdout.trim().split('\n').at(-1) ?? '') ?? []
  if (rate === undefined) throw new Error(`kafka-producer-perf-test gave no rate:\n${stdout}`)
  return Number(rate)
}

async function measure(task: PipelineTask, nats: PrivateServer, kafka: PrivateServer): Promise<Round> {
  const broker = () => serverCpuMicros('java', kafka.port)
  const [kafkaBefore, natsBefore] = [broker(), serverCpuMicros('nats-server', nats.port)]
  const { events, seconds, cpuMicros } = await runWorker(task)
  return {
    rate: events / seconds,
    nodeMicros: cpuMicros / events,
    kafkaMicros: (broker() - kafkaBefore) / events,
    natsMicros: (serverCpuMicros('nats-server', nats.port) - natsBefore) / events,
  }
}

function reportAll(limits: readonly number[], measured: readonly Round[], report: (row: BenchRow) => void): void {
  const of = (key: keyof Round) => measured.map((round) => round[key])
  report(row('kafka', 'kafka-producer-perf-test, acks=all', 'records/s', limits))
  report(row('kafka', 'pipeline', 'events/s', of('rate'), { limit: median(limits) }))
  report(row('kafka', 'pipeline: CPU of node', 'µs/event', of('nodeMicros')))
  report(row('kafka', 'pipeline: CPU of Kafka', 'µs/event', of('kafkaMicros')))
  report(row('kafka', 'pipeline: CPU of NATS', 'µs/event', of('natsMicros')))
}
