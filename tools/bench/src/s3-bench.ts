import { randomUUID } from 'node:crypto'
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { type ChangeEvent, decodeEvent, formatUrl, memoryState, padSequence, parseUrl, systemClock } from '@eds/core'
import s3 from '@eds/driver-s3'
import { startS3 } from '@eds/tool-services'
import type { BenchScale } from './command-line.js'
import { type BenchRow, median, row } from './result.js'
import { allShopSchemas } from './schemas.js'
import { benchEvents } from './workload.js'

const concurrency = 4
const megabyte = 1e6
const warmUp = 100

/** Objects per row beside a bare loop of `PutObject` with the same bodies, and files in MB of events per second. */
export async function s3Bench({ quick, rounds }: BenchScale, report: (row: BenchRow) => void): Promise<void> {
  const server = await startS3()
  const { client, bucket } = bareClient(server.url)
  try {
    await client.send(new CreateBucketCommand({ Bucket: bucket }))
    const events = decodeAll(quick ? 20_000 : 50_000)
    const objects = lastOfRows(events.slice(0, quick ? 1_000 : 5_000))
    const bareRate = async () => objects.length / (await secondsOf(() => putAll(client, bucket, objects)))
    const driverRate = async () => objects.length / (await driverSeconds(server.url, 'json', objects, 1_000))
    // Both sides run warm.
    await putAll(client, bucket, objects.slice(0, warmUp))
    await driverSeconds(server.url, 'json', objects.slice(0, warmUp), warmUp)
    const bare: number[] = []
    const driver: number[] = []
    for (let round = 0; round < rounds; round++) {
      bare.push(await bareRate())
      driver.push(await driverRate())
    }
    report(row('s3', 'bare PutObject loop', 'objects/s', bare))
    report(row('s3', 'driver, object per row', 'objects/s', driver, { limit: median(bare) }))
    for (const format of ['ndjson', 'parquet']) {
      const rates: number[] = []
      for (let round = 0; round < rounds; round++) {
        rates.push(bytesOf(events) / megabyte / (await driverSeconds(server.url, format, events, 20_000)))
      }
      report(row('s3', `driver, ${format}`, 'MB/s', rates))
    }
  } finally {
    client.destroy()
    await server.remove()
  }
}

/** What the client library makes of the same server without us, with its own defaults; a CRC-32 is among them, as it is among ours. */
function bareClient(url: string): { client: S3Client; bucket: string } {
  const { hosts, path, query } = parseUrl(url)
  const credentials = {
    accessKeyId: query['access-key-id'] ?? '',
    secretAccessKey: query['secret-access-key'] ?? '',
  }
  const endpoint = `http://${hosts[0]?.host}:${hosts[0]?.port}`
  const client = new S3Client({ endpoint, region: query.region ?? '', forcePathStyle: true, credentials })
  return { client, bucket: path.slice(1) }
}

/** The plain way: as many loops as uploads may run at a time. Stays as it is. */
async function putAll(client: S3Client, bucket: string, events: readonly ChangeEvent[]): Promise<void> {
  const folder = randomUUID()
  const queue = events.values()
  const loop = async () => {
    for (const { table, rowKey, bytes } of queue) {
      const Key = `${folder}/${table}/${encodeURIComponent(rowKey)}.json`
      await client.send(new PutObjectCommand({ Bucket: bucket, Key, Body: bytes, ContentType: 'application/json' }))
    }
  }
  await Promise.all(Array.from({ length: concurrency }, loop))
}

/** All of one hour, as on a busy stream: the workload's own times would make many small files. */
function decodeAll(count: number): ChangeEvent[] {
  return [...benchEvents(count)].map(({ bytes }, index) => {
    const event = decodeEvent({ position: padSequence(index + 1), bytes, time: 0 })
    return Object.assign(event, { timestamp: Date.UTC(2025, 0, 1) })
  })
}

/** So that both sides write the same number of objects. */
function lastOfRows(events: readonly ChangeEvent[]): ChangeEvent[] {
  return [...new Map(events.map((event) => [event.rowKey, event])).values()]
}

function bytesOf(events: readonly ChangeEvent[]): number {
  return events.reduce((sum, { bytes }) => sum + bytes.length, 0)
}

async function driverSeconds(
  serverUrl: string,
  format: string,
  events: readonly ChangeEvent[],
  batchSize: number,
): Promise<number> {
  const { query, path, ...parts } = parseUrl(serverUrl)
  const options = { ...query, format, uploadTasks: String(concurrency) }
  const url = formatUrl({ ...parts, path: `${path}/${format}-${randomUUID()}`, query: options })
  const driver = s3.create(s3.config.parse(s3.parse(url)), benchContext())
  const { signal } = new AbortController()
  await driver.connect(signal)
  await driver.schema?.prepare(allShopSchemas, signal)
  const seconds = await secondsOf(async () => {
    for (let from = 0; from < events.length; from += batchSize) {
      const batch = events.slice(from, from + batchSize)
      const [first, last] = [batch[0]?.position ?? '', batch.at(-1)?.position ?? '']
      const { failures = [] } = await driver.write({ events: batch, bytes: bytesOf(batch), first, last }, signal)
      if (failures[0]) throw failures[0].error
    }
  })
  await driver.close()
  return seconds
}

function benchContext() {
  const logger = { debug() {}, info() {}, warn() {}, error() {} }
  const metrics = { count() {} }
  const state = memoryState()
  return { sink: 'bench', session: 'bench', logger, clock: systemClock, random: Math.random, metrics, state }
}

async function secondsOf(work: () => Promise<void>): Promise<number> {
  const startedAt = performance.now()
  await work()
  return (performance.now() - startedAt) / 1_000
}
