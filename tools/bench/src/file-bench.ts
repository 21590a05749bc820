import { mkdirSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ChangeEvent, type Driver, decodeEvent, memoryState, padSequence, systemClock } from '@eds/core'
import file from '@eds/driver-file'
import type { BenchScale } from './command-line.js'
import { type BenchRow, median, row } from './result.js'
import { benchEvents } from './workload.js'

const batchSize = 1000

/** Writing decoded events to files: durable NDJSON per table, beside one plain file per event without any fsync. */
export async function fileBench({ quick, rounds }: BenchScale, report: (row: BenchRow) => void): Promise<void> {
  const events = decodeAll(quick ? 20_000 : 50_000)
  const plain: number[] = []
  const perEvent: number[] = []
  const ndjson: number[] = []
  for (let round = 0; round < rounds; round++) {
    plain.push(await inFolder((folder) => rateOf(events, async (batch) => writePlainly(folder, batch))))
    perEvent.push(await inFolder((folder) => driverRate(`file://${folder}`, events.slice(0, 5000))))
    ndjson.push(await inFolder((folder) => driverRate(`file://${folder}?format=ndjson`, events)))
  }
  report(row('file', 'one file per event, plain, not durable', 'events/s', plain))
  report(row('file', 'driver, one file per event, durable', 'events/s', perEvent))
  report(row('file', 'driver, ndjson, durable', 'events/s', ndjson, { naive: median(plain) }))
}

function decodeAll(count: number): ChangeEvent[] {
  return [...benchEvents(count)].map(({ bytes }, index) =>
    decodeEvent({ position: padSequence(index + 1), bytes, time: 0 }),
  )
}

/** The plain way; stays as it is. */
function writePlainly(folder: string, batch: readonly ChangeEvent[]): void {
  for (const { table, timestamp, key, bytes } of batch) {
    mkdirSync(join(folder, table), { recursive: true })
    writeFileSync(join(folder, table, `${Math.floor(timestamp / 1000)}-${key.at(-1)}.json`), bytes)
  }
}

async function driverRate(url: string, events: readonly ChangeEvent[]): Promise<number> {
  const driver = createDriver(url)
  const { signal } = new AbortController()
  await driver.connect(signal)
  const rate = await rateOf(events, async (batch) => {
    const bytes = batch.reduce((sum, event) => sum + event.bytes.length, 0)
    const [first, last] = [batch[0]?.position ?? '', batch.at(-1)?.position ?? '']
    await driver.write({ events: batch, bytes, first, last }, signal)
  })
  await driver.close()
  return rate
}

function createDriver(url: string): Driver {
  const config = file.config.parse(file.parse(url))
  const logger = { debug() {}, info() {}, warn() {}, error() {} }
  const metrics = { count() {} }
  return file.create(config, {
    sink: 'bench',
    session: 'bench',
    logger,
    clock: systemClock,
    random: Math.random,
    metrics,
    state: memoryState(),
  })
}

async function rateOf(
  events: readonly ChangeEvent[],
  write: (batch: readonly ChangeEvent[]) => Promise<void>,
): Promise<number> {
  const startedAt = performance.now()
  for (let from = 0; from < events.length; from += batchSize) await write(events.slice(from, from + batchSize))
  return events.length / ((performance.now() - startedAt) / 1000)
}

async function inFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'eds-bench-file-'))
  try {
    return await use(folder)
  } finally {
    await rm(folder, { recursive: true })
  }
}
