import { type ChangeEvent, decodeEvent, memoryState, padSequence, systemClock } from '@eds/core'
import mysqlDriver from '@eds/driver-mysql'
import type { ShopEvent } from '@eds/shop'
import { serviceUrl, startNats } from '@eds/tool-services'
import type { BenchScale } from './command-line.js'
import { serverCpuMicros } from './cpu.js'
import { emptyMysqlTables, keepLoadFiles, loadDataLimit, withConnection } from './load-data-limit.js'
import { type BenchRow, median, row } from './result.js'
import { allShopSchemas } from './schemas.js'
import { fillStream } from './stream.js'
import { runWorker, type WorkerReport } from './worker-process.js'
import { benchEvents } from './workload.js'

const pipelineDriver = '@eds/driver-mysql'
const plainDriver = new URL('./mysql-replace.js', import.meta.url).href

interface Figures {
  readonly loaded: number[]
  readonly plain: number[]
  readonly pipeline: number[]
  readonly nodeMicros: number[]
  readonly serverMicros: number[]
  readonly imported: number[]
}

/** NATS JetStream → MariaDB, beside `LOAD DATA` of the same rows and the plain way; and an import. */
export async function mysqlBench({ quick, rounds }: BenchScale, report: (row: BenchRow) => void): Promise<void> {
  const server = await serviceUrl('mariadb')
  if (server === undefined) throw new Error('MariaDB does not run: npm run services:up')
  const url = server.replace(/\/[^/]*$/, `/eds_bench_${process.pid}`)
  const database = new URL(url).pathname.slice(1)
  const nats = await startNats()
  await withConnection(server, (connection) => connection.query('CREATE DATABASE ?? CHARACTER SET utf8mb4', [database]))
  try {
    const stream = 'mysqlbench'
    const shop = [...benchEvents(quick ? 20_000 : 200_000)]
    const events = await fillStream(nats.url, stream, shop)
    const task = { kind: 'pipeline', natsUrl: nats.url, stream, url, events, ack: 'all' } as const
    const deliver = (driver: string) => runWorker({ ...task, driver })
    await deliver(pipelineDriver)
    const files = await keepLoadFiles(url)
    const inserts = insertsByTable(shop)
    const figures: Figures = { loaded: [], plain: [], pipeline: [], nodeMicros: [], serverMicros: [], imported: [] }
    for (let round = 0; round < rounds; round++) {
      figures.loaded.push(await loadDataLimit(url, files))
      await emptyMysqlTables(url, files)
      figures.plain.push(rateOf(await deliver(plainDriver)))
      await emptyMysqlTables(url, files)
      const before = serverCpuMicros('mariadbd', Number(new URL(url).port))
      const piped = await deliver(pipelineDriver)
      figures.pipeline.push(rateOf(piped))
      figures.nodeMicros.push(piped.cpuMicros / piped.events)
      figures.serverMicros.push((serverCpuMicros('mariadbd', Number(new URL(url).port)) - before) / piped.events)
      figures.imported.push(await importRate(url, inserts))
    }
    await files.remove()
    reportAll(figures, report)
  } finally {
    await withConnection(server, (connection) => connection.query('DROP DATABASE ??', [database]))
    await nats.remove()
  }
}

function rateOf({ events, seconds }: WorkerReport): number {
  return events / seconds
}

/** First images only: an import has each row once. */
function insertsByTable(events: readonly ShopEvent[]): Map<string, Uint8Array[]> {
  const tables = new Map<string, Uint8Array[]>()
  const seen = new Set<string>()
  for (const { table, operation, primaryKey, bytes } of events) {
    const row = JSON.stringify([table, ...primaryKey])
    if (operation !== 'INSERT' || seen.has(row)) continue
    seen.add(row)
    const rows = tables.get(table) ?? []
    tables.set(table, rows)
    rows.push(bytes)
  }
  return tables
}

/** As `eds import` does. */
const parallelTables = 4

/** Rows per second of the driver's import, decoding included, some tables at a time. */
async function importRate(url: string, tables: ReadonlyMap<string, readonly Uint8Array[]>): Promise<number> {
  const silent = () => {}
  const driver = mysqlDriver.create(mysqlDriver.config.parse(mysqlDriver.parse(url)), {
    sink: 'bench',
    session: 'bench',
    logger: { debug: silent, info: silent, warn: silent, error: silent },
    clock: systemClock,
    random: Math.random,
    metrics: { count: silent },
    state: memoryState(),
  })
  const signal = new AbortController().signal
  let count = 0
  const startedAt = performance.now()
  const queue = [...tables]
  const loadSome = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const [table, rows] = next
      const schema = allShopSchemas.filter((version) => version.table === table).at(-1)
      if (schema === undefined || driver.importer === undefined) throw new Error(`no schema for ${table}`)
      const result = await driver.importer.load({ schema, rows: decoded(rows), mode: 'replace' }, signal)
      count += result.rows
    }
  }
  await Promise.all(Array.from({ length: parallelTables }, loadSome))
  return count / ((performance.now() - startedAt) / 1000)
}

const chunkRows = 1000

async function* decoded(rows: readonly Uint8Array[]): AsyncGenerator<ChangeEvent[]> {
  for (let from = 0; from < rows.length; from += chunkRows) {
    yield rows
      .slice(from, from + chunkRows)
      .map((bytes, index) => decodeEvent({ position: padSequence(from + index + 1), bytes, time: 0 }))
  }
}

function reportAll(figures: Figures, report: (row: BenchRow) => void): void {
  const limit = median(figures.loaded)
  const naive = median(figures.plain)
  report(row('mysql', 'LOAD DATA LOCAL of ready files', 'rows/s', figures.loaded))
  report(row('mysql', 'one REPLACE per event', 'events/s', figures.plain, { limit }))
  report(row('mysql', 'pipeline', 'events/s', figures.pipeline, { limit, naive }))
  report(row('mysql', 'pipeline: CPU of node', 'µs/event', figures.nodeMicros))
  report(row('mysql', 'pipeline: CPU of MariaDB', 'µs/event', figures.serverMicros))
  report(row('mysql', 'import', 'rows/s', figures.imported, { limit }))
}
