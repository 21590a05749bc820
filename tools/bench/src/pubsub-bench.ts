import { type ChangeEvent, type Driver, decodeEvent, memoryState, padSequence, systemClock } from '@eds/core'
import pubsub from '@eds/driver-pubsub'
import { serviceUrl } from '@eds/tool-services'
import type { BenchScale } from './command-line.js'
import { type BenchRow, median, row } from './result.js'
import { benchEvents } from './workload.js'

const batchSize = 4_000
const project = 'eds-bench'

interface Round {
  readonly eventsPerSecond: number
  readonly cpuMicros: number
}

/** Publishing decoded events in batches, beside the client library's own `publishMessage` with its batching. */
export async function pubsubBench({ quick, rounds }: BenchScale, report: (row: BenchRow) => void): Promise<void> {
  const url = await serviceUrl('pubsub')
  if (url === undefined) throw new Error('there is no Pub/Sub server: npm run services:up pubsub says why')
  const endpoint = new URL(url).host
  const events = [...benchEvents(quick ? 8_000 : 40_000)].map(({ bytes }, index) =>
    decodeEvent({ position: padSequence(index + 1), bytes, time: 0 }),
  )
  const bare: Round[] = []
  const driver: Round[] = []
  for (let round = 0; round < rounds; round++) {
    bare.push(await withBareClient(endpoint, (write) => measure(events, write)))
    driver.push(await withDriver(endpoint, (write) => measure(events, write)))
  }
  const rates = (of: readonly Round[]) => of.map(({ eventsPerSecond }) => eventsPerSecond)
  const cpu = (of: readonly Round[]) => of.map(({ cpuMicros }) => cpuMicros)
  report(row('pubsub', 'client library, publishMessage, unordered', 'events/s', rates(bare)))
  report(row('pubsub', 'driver', 'events/s', rates(driver), { naive: median(rates(bare)) }))
  report(row('pubsub', 'client library, CPU', 'µs/event', cpu(bare)))
  report(row('pubsub', 'driver, CPU', 'µs/event', cpu(driver), { naive: median(cpu(bare)) }))
}

type Write = (batch: readonly ChangeEvent[]) => Promise<unknown>

async function measure(events: readonly ChangeEvent[], write: Write): Promise<Round> {
  const startedAt = performance.now()
  const cpuBefore = process.cpuUsage()
  for (let from = 0; from < events.length; from += batchSize) await write(events.slice(from, from + batchSize))
  const { user, system } = process.cpuUsage(cpuBefore)
  const seconds = (performance.now() - startedAt) / 1_000
  return { eventsPerSecond: events.length / seconds, cpuMicros: (user + system) / events.length }
}

/** What a program does that follows the library's documentation. No ordering keys: the library sends a request for each of them. */
async function withBareClient<T>(endpoint: string, use: (write: Write) => Promise<T>): Promise<T> {
  const { PubSub } = await import('@google-cloud/pubsub')
  const client = new PubSub({ projectId: project, apiEndpoint: endpoint })
  const [topic] = await client.createTopic(`bench-${process.hrtime.bigint()}`)
  topic.setPublishOptions({ batching: { maxMessages: 1_000, maxMilliseconds: 10 } })
  try {
    return await use((batch) =>
      Promise.all(batch.map((event) => topic.publishMessage({ data: event.bytes, attributes: attributesOf(event) }))),
    )
  } finally {
    await topic.delete()
    await client.close()
  }
}

function attributesOf({ table, operation, id, modelVersion, companyId = '', locationId = '' }: ChangeEvent) {
  return { table, operation, id, modelVersion, companyId, locationId }
}

async function withDriver<T>(endpoint: string, use: (write: Write) => Promise<T>): Promise<T> {
  const { signal } = new AbortController()
  const driver = createDriver(`pubsub://${project}/bench-${process.hrtime.bigint()}?endpoint=${endpoint}&create=true`)
  await driver.connect(signal)
  try {
    return await use((batch) => {
      const bytes = batch.reduce((sum, event) => sum + event.bytes.length, 0)
      const [first, last] = [batch[0]?.position ?? '', batch.at(-1)?.position ?? '']
      return driver.write({ events: batch, bytes, first, last }, signal)
    })
  } finally {
    await driver.close()
  }
}

function createDriver(url: string): Driver {
  return pubsub.create(pubsub.config.parse(pubsub.parse(url)), {
    sink: 'bench',
    session: 'bench',
    logger: { debug() {}, info() {}, warn() {}, error() {} },
    clock: systemClock,
    random: Math.random,
    metrics: { count() {} },
    state: memoryState(),
  })
}
