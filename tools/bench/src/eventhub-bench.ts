import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { type ChangeEvent, decodeEvent, memoryState, padSequence, systemClock } from '@eds/core'
import eventhub from '@eds/driver-eventhub'
import type { BenchScale } from './command-line.js'
import { type BenchRow, median, row } from './result.js'
import { benchEvents } from './workload.js'

const batchSize = 2_000
/** Sends of the bare loop that are open at a time: as many as the driver's. */
const parallel = 64

interface Pace {
  readonly eventsPerSecond: number
  readonly cpuMicrosPerEvent: number
}

/**
 * The driver against the simulator of `@eds/tool-eventhub-sim` in a process of its own, not the vendor's service, beside a bare loop
 * of the vendor's client that sends the same bodies one by one with the same partition keys.
 */
export async function eventhubBench({ quick, rounds }: BenchScale, report: (row: BenchRow) => void): Promise<void> {
  const events = decodeAll(quick ? 2_500 : 20_000)
  const { child, url, connectionString } = await startSimulator()
  const driver: Pace[] = []
  const bare: Pace[] = []
  try {
    await bareRate(connectionString, events.slice(0, batchSize))
    await driverRate(url, events.slice(0, batchSize))
    for (let round = 0; round < rounds; round++) {
      bare.push(await bareRate(connectionString, events))
      driver.push(await driverRate(url, events))
    }
  } finally {
    child.disconnect()
  }
  const rates = (paces: readonly Pace[]) => paces.map(({ eventsPerSecond }) => eventsPerSecond)
  const costs = (paces: readonly Pace[]) => paces.map(({ cpuMicrosPerEvent }) => cpuMicrosPerEvent)
  report(row('eventhub', 'simulator: bare sendBatch loop', 'events/s', rates(bare)))
  report(row('eventhub', 'simulator: driver', 'events/s', rates(driver), { naive: median(rates(bare)) }))
  report(row('eventhub', 'simulator: bare sendBatch loop, CPU', 'µs/event', costs(bare)))
  report(row('eventhub', 'simulator: driver, CPU', 'µs/event', costs(driver), { naive: median(costs(bare)) }))
}

function decodeAll(count: number): ChangeEvent[] {
  return [...benchEvents(count)].map(({ bytes }, index) =>
    decodeEvent({ position: padSequence(index + 1), bytes, time: 0 }),
  )
}

async function startSimulator(): Promise<{ child: ChildProcess; url: string; connectionString: string }> {
  const script = fileURLToPath(import.meta.resolve('@eds/tool-eventhub-sim/main'))
  const child = spawn(process.execPath, [...process.execArgv, script, JSON.stringify({ keepEvents: false })], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const [addresses] = (await once(child, 'message')) as [{ url: string; connectionString: string }]
  return { child, ...addresses }
}

async function driverRate(url: string, events: readonly ChangeEvent[]): Promise<Pace> {
  const { signal } = new AbortController()
  const driver = eventhub.create(eventhub.config.parse(eventhub.parse(url)), {
    sink: 'bench',
    session: 'bench',
    logger: { debug() {}, info() {}, warn() {}, error() {} },
    clock: systemClock,
    random: Math.random,
    metrics: { count() {} },
    state: memoryState(),
  })
  await driver.connect(signal)
  const pace = await measure(events.length, async () => {
    for (let from = 0; from < events.length; from += batchSize) {
      const batch = events.slice(from, from + batchSize)
      const bytes = batch.reduce((sum, event) => sum + event.bytes.length, 0)
      const [first, last] = [batch[0]?.position ?? '', batch.at(-1)?.position ?? '']
      await driver.write({ events: batch, bytes, first, last }, signal)
    }
  })
  await driver.close()
  return pace
}

async function bareRate(connectionString: string, events: readonly ChangeEvent[]): Promise<Pace> {
  const { EventHubProducerClient } = await import('@azure/event-hubs')
  const client = new EventHubProducerClient(connectionString)
  await client.createBatch()
  const queue = events.values()
  const work = async () => {
    for (const { bytes, table, key } of queue) {
      await client.sendBatch([{ body: bytes }], { partitionKey: `${table}.${key.at(-1)}` })
    }
  }
  const pace = await measure(events.length, async () => {
    await Promise.all(Array.from({ length: parallel }, work))
  })
  await client.close()
  return pace
}

async function measure(events: number, run: () => Promise<void>): Promise<Pace> {
  const cpuBefore = process.cpuUsage()
  const startedAt = performance.now()
  await run()
  const seconds = (performance.now() - startedAt) / 1000
  const { user, system } = process.cpuUsage(cpuBefore)
  return { eventsPerSecond: events / seconds, cpuMicrosPerEvent: (user + system) / events }
}
