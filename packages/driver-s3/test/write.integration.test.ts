import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { DuckDBInstance } from '@duckdb/node-api'
import { formatUrl, isEdsError, parseUrl } from '@eds/core'
import { requireService } from '@eds/tool-services/vitest'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { batchOf, eventOf, insert, never, schemaOf, someTime } from './fixtures.js'
import { connected, cut } from './harness.js'
import { TestBucket } from './test-bucket.js'

const server = await requireService('s3')
const hour = 'date=2024-07-11/hour=21'

server.describe('what lies in the bucket', () => {
  let bucket: TestBucket

  beforeAll(async () => {
    bucket = await TestBucket.open(server.url)
  })

  afterAll(() => bucket.close())

  it('json: an object per row with the bytes of its last change, a DELETE too', async () => {
    const driver = await connected(bucket.url('objects'))
    const [a1, b, a2, chosen] = [
      eventOf({ key: ['r', 'a'] }),
      eventOf({ key: ['r', '../b'] }),
      eventOf({ key: ['r', 'a'], operation: 'DELETE' }),
      eventOf({}, { objectPath: 'by-company/c.json' }),
    ] as const
    expect(await driver.write(batchOf(a1, b, a2, chosen), never)).toEqual({})
    expect(await bucket.keys('objects/')).toEqual([
      'objects/by-company/c.json',
      'objects/order/%2E.%2Fb.json',
      'objects/order/a.json',
    ])
    const { bytes, contentType } = await bucket.object('objects/order/a.json')
    expect(bytes.toString()).toBe(Buffer.from(a2.bytes).toString())
    expect(contentType).toBe('application/json')
  })

  it('json: an event without a possible name fails by itself', async () => {
    const driver = await connected(bucket.url('failing'))
    const batch = batchOf(eventOf({ key: ['r', 'x'.repeat(2_000)] }), eventOf({ key: ['r', 'good'] }))
    const { failures = [] } = await driver.write(batch, never)
    expect(failures.map(({ index, error }) => [index, error.code])).toEqual([[0, 'record']])
    expect(await bucket.keys('failing/')).toEqual(['failing/order/good.json'])
  })

  it('ndjson: files by table and hour; the same batch again overwrites them', async () => {
    const driver = await connected(bucket.url('lines', { format: 'ndjson' }))
    const events = [eventOf(), eventOf({ table: 'other' }), eventOf({ timestamp: someTime + 3_600_000 }), eventOf()]
    const keys = [
      `lines/order/${hour}/0001-0009.ndjson.gz`,
      'lines/order/date=2024-07-11/hour=22/0001-0009.ndjson.gz',
      `lines/other/${hour}/0001-0009.ndjson.gz`,
    ]
    for (let time = 0; time < 2; time++) {
      await driver.write(cut('0001', '0009', events), never)
      expect(await bucket.keys('lines/')).toEqual(keys)
    }
    const text = gunzipSync((await bucket.object(keys[0]!)).bytes).toString()
    expect(text).toBe(`${[events[0]!, events[3]!].map(({ bytes }) => Buffer.from(bytes).toString()).join('\n')}\n`)
  })

  it('ndjson: a file above 8 MB goes in parts and comes back whole', async () => {
    const driver = await connected(bucket.url('large', { format: 'ndjson' }))
    const events = Array.from({ length: 40 }, (_, index) =>
      insert({ id: String(index), noise: randomBytes(400_000).toString('base64') }),
    )
    await driver.write(cut('1', '2', events), never)
    const { bytes } = await bucket.object(`large/order/${hour}/1-2.ndjson.gz`)
    expect(bytes.length).toBeGreaterThan(2 ** 23)
    expect(gunzipSync(bytes).toString().split('\n').slice(0, -1)).toEqual(
      events.map((event) => Buffer.from(event.bytes).toString()),
    )
    expect(await bucket.unfinishedUploads()).toBe(0)
  })

  it('ndjson: an upload in parts that is given up leaves nothing', async () => {
    const driver = await connected(bucket.url('aborted', { format: 'ndjson' }))
    const events = Array.from({ length: 60 }, (_, index) =>
      insert({ id: String(index), noise: randomBytes(400_000).toString('base64') }),
    )
    const stop = new AbortController()
    const writing = driver.write(cut('1', '2', events), stop.signal)
    const outcome = writing.catch((error: unknown) => isEdsError(error) && error.code)
    while ((await bucket.unfinishedUploads()) === 0) await new Promise((resolve) => setImmediate(resolve))
    stop.abort()
    expect(await outcome).toBe('connection')
    expect(await bucket.unfinishedUploads()).toBe(0)
    expect(await bucket.keys('aborted/')).toEqual([])
  })

  it('parquet: typed files that DuckDB reads; what does not fit fails by itself, with what follows it', async () => {
    const older = schemaOf({ id: { type: 'string' }, count: { type: 'integer' } })
    const newer = schemaOf({ id: { type: 'string' }, count: { type: 'number' } }, { modelVersion: 'v2' })
    const driver = await connected(bucket.url('columns', { format: 'parquet' }), older, newer)
    const { failures = [] } = await driver.write(
      cut('1', '9', [
        insert({ id: 'a', count: 1 }),
        insert({ id: 'b', count: 'many' }),
        insert({ id: 'b', count: 2 }),
        insert({ id: 'c', count: 3 }),
        insert({ id: 'd', count: 0.5 }, { modelVersion: 'v2' }),
      ]),
      never,
    )
    expect(failures.map(({ index, error }) => [index, error.code])).toEqual([
      [1, 'record'],
      [2, 'record'],
    ])
    const keys = [`columns/order/${hour}/1-9_v1.parquet`, `columns/order/${hour}/1-9_v2.parquet`]
    expect(await bucket.keys('columns/')).toEqual(keys)
    expect(await rowsOf(keys[0]!)).toEqual([
      { id: 'a', count: '1', type: 'BIGINT' },
      { id: 'c', count: '3', type: 'BIGINT' },
    ])
    expect(await rowsOf(keys[1]!)).toEqual([{ id: 'd', count: 0.5, type: 'DOUBLE' }])
  })

  it('parquet: asks for a schema that it was not given', async () => {
    const driver = await connected(bucket.url('unprepared', { format: 'parquet' }))
    const error = await driver.write(batchOf(eventOf()), never).catch((error: unknown) => error)
    expect(error).toMatchObject({ code: 'schema', table: 'order', index: 0 })
  })

  it('encryption and checksums are asked for as the options say', async () => {
    const driver = await connected(bucket.url('options', { checksum: 'sha256' }))
    expect(await driver.write(batchOf(eventOf()), never)).toEqual({})
    const plain = await connected(bucket.url('plain', { checksum: 'none' }))
    expect(await plain.write(batchOf(eventOf()), never)).toEqual({})
  })

  it('the probe says where it is and leaves nothing', async () => {
    const driver = await connected(bucket.url('probed'))
    const report = await driver.probe?.test(never)
    expect(report?.summary).toContain('can be written below')
    expect(await bucket.keys('probed/')).toEqual([])
    expect(await bucket.unfinishedUploads()).toBe(0)
  })

  it('a missing bucket is said so', async () => {
    const { path, ...parts } = parseUrl(bucket.url('x'))
    const error = await connected(formatUrl({ ...parts, path: '/eds-no-such-bucket/x' })).catch(
      (error: unknown) => error,
    )
    expect(error).toMatchObject({ code: 'configuration', message: expect.stringContaining('eds-no-such-bucket') })
  })

  async function rowsOf(key: string) {
    const folder = await mkdtemp(join(tmpdir(), 'eds-s3-'))
    try {
      const path = join(folder, 'file.parquet')
      await writeFile(path, (await bucket.object(key)).bytes)
      const connection = await (await DuckDBInstance.create()).connect()
      const reader = await connection.runAndReadAll(
        `SELECT id, count, typeof(count) AS type FROM '${path}' ORDER BY id`,
      )
      connection.closeSync()
      return reader.getRowObjectsJson()
    } finally {
      await rm(folder, { recursive: true })
    }
  }
})
