import { gzipSync } from 'node:zlib'
import type { Source, SourceReader } from '@eds/core'
import { type PrivateServer, startNats } from '@eds/tool-services'
import { Packr } from 'msgpackr'
import type { AckPolicy } from 'nats'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type NatsOptions, nats } from '../src/index.js'
import { numbers, range, request, Taker } from './support/reading.js'
import { TestStream } from './support/test-stream.js'

let server: PrivateServer
let stream: TestStream
let source: Source
beforeAll(async () => {
  server = await startNats()
})
afterAll(() => server.remove())
beforeEach(async () => {
  stream = await TestStream.create(server.url)
})
afterEach(async () => {
  await source.close()
  await stream.manager.streams.delete(stream.name)
  await stream.close()
})

async function open(options: Partial<NatsOptions> = {}, cursor = 'sink'): Promise<SourceReader> {
  source = nats({ servers: server.url, stream: stream.name, heartbeatMs: 200, ...options })
  return await source.open(request({ cursor }))
}

const info = (consumer = 'sink') => stream.manager.consumers.info(stream.name, consumer)

/** Resolves when a consumer with this ack wait, which nobody keeps alive, has had its first message so many times. */
async function redelivered(times: number, ackWaitMs: number): Promise<void> {
  const config = { durable_name: 'neglected', ack_policy: 'explicit' as AckPolicy, ack_wait: ackWaitMs * 1e6 }
  await stream.manager.consumers.add(stream.name, config)
  const consumer = await stream.connection.jetstream().consumers.get(stream.name, 'neglected')
  for (let deliveries = 0; deliveries < times; ) {
    const message = await consumer.next()
    if (message?.seq === 1) deliveries = message.info.deliveryCount
  }
}

it('reads in order what is there and what comes, with position and time', async () => {
  const before = Date.now()
  await stream.publish(10)
  const reader = await open()
  const taker = new Taker(reader)
  const deliveries = await taker.take(10)
  await stream.publish(5)
  deliveries.push(...(await taker.take(5)))
  expect(numbers(deliveries)).toEqual(range(1, 15))
  expect(deliveries[4]!.position).toBe(`0000000000000005.${deliveries[4]!.time}`)
  expect(deliveries[4]!.time).toBeGreaterThanOrEqual(before)
  expect(deliveries[4]!.time).toBeLessThanOrEqual(Date.now())
  await reader.close()
})

it('ends the iteration when it is closed, and when it is left', async () => {
  await stream.publish(1)
  const reader = await open()
  const iterator = reader[Symbol.asyncIterator]()
  await iterator.next()
  const waiting = iterator.next()
  await reader.close()
  await reader.close()
  expect(await waiting).toEqual({ done: true, value: undefined })
  const again = await source.open(request())
  for await (const chunk of again) {
    expect(numbers(chunk)).toEqual([1])
    break
  }
  expect((await info()).num_waiting).toBe(0)
})

it('reads the companies that it is given, and no others', async () => {
  for (let n = 0; n < 5; n++) for (const company of ['c1', 'c2', 'c3']) await stream.publish(1, company)
  const reader = await open({ companyIds: ['c1', 'c3'] })
  expect(numbers(await new Taker(reader).take(10))).toEqual([1, 3, 4, 6, 7, 9, 10, 12, 13, 15])
  await reader.close()
})

it('says how many messages are left', async () => {
  await stream.publish(100)
  const reader = await open({ maxPullBatch: 10 })
  await new Taker(reader).take(10)
  expect(reader.behind?.()).toBe(90)
  await reader.close()
})

describe.each([
  { cursor: 'sink', policy: 'all' },
  { cursor: 'eds-server1', policy: 'explicit' },
])('acknowledging with $policy', ({ cursor }) => {
  it('settles everything up to a delivery and nothing after it', async () => {
    await stream.publish(10)
    const reader = await open({}, cursor)
    const deliveries = await new Taker(reader).take(10)
    await reader.acknowledge(deliveries[6]!)
    await reader.acknowledge(deliveries[2]!)
    await expect.poll(async () => (await info(cursor)).num_ack_pending).toBe(3)
    expect((await info(cursor)).ack_floor.stream_seq).toBe(7)
    await reader.acknowledge(deliveries[9]!)
    await expect.poll(async () => (await info(cursor)).num_ack_pending).toBe(0)
    await reader.close()
  })

  it('keeps waiting messages alive far beyond the ack wait', async () => {
    await stream.publish(10)
    const reader = await open({ ackWaitMs: 400 }, cursor)
    const taker = new Taker(reader)
    const deliveries = await taker.take(10)
    await redelivered(5, 400)
    await stream.publish(1)
    deliveries.push(...(await taker.take(1)))
    expect(numbers(deliveries)).toEqual(range(1, 11))
    expect(await info(cursor)).toMatchObject({
      num_redelivered: 0,
      num_ack_pending: 11,
      delivered: { consumer_seq: 11 },
    })
    await reader.close()
  })
})

describe('a pipeline that takes nothing', () => {
  const messageBytes = 10_000
  const bufferBytes = 200_000

  it('makes the reader stop asking, with no more than its buffer held', async () => {
    await stream.publishFast(1_000, messageBytes)
    const reader = await open({ bufferBytes })
    const taker = new Taker(reader)
    await taker.take(1)
    await expect.poll(async () => (await info()).num_waiting).toBe(0)
    // One chunk is with the pipeline, and one buffer is full or more than half so.
    const { delivered } = await info()
    expect(delivered.consumer_seq * messageBytes).toBeLessThanOrEqual(2 * bufferBytes)
    expect(numbers(await taker.take(999))).toEqual(range(2, 1_000))
    await reader.close()
  })

  it('makes the reader stop at the limit of pending acknowledgements, and go on after it', async () => {
    await stream.publish(50)
    const reader = await open({ maxAckPending: 20 })
    const taker = new Taker(reader)
    const first = await taker.take(20)
    expect((await info()).delivered.consumer_seq).toBe(20)
    await reader.acknowledge(first[9]!)
    const second = await taker.take(10)
    await reader.acknowledge(second[9]!)
    expect(numbers([...first, ...second, ...(await taker.take(20))])).toEqual(range(1, 50))
    await reader.close()
  })

  it('does not keep a message from coming that is larger than the buffer', async () => {
    const large = 'x'.repeat(50_000)
    for (const pad of ['', large, '', large, large, '']) await stream.send(JSON.stringify({ pad }))
    const reader = await open({ bufferBytes: 10_000 })
    const deliveries = await new Taker(reader).take(6)
    expect(deliveries.map(({ bytes }) => bytes.length > 10_000)).toEqual([false, true, false, true, true, false])
    await reader.close()
  })
})

it('undoes what the messages are packed with, and marks what it cannot undo', async () => {
  const event = '{"n":9007199254740993}'
  await stream.send(event, { 'Nats-Msg-Id': '1' })
  await stream.send(gzipSync(event), { 'Content-Encoding': 'gzip/json' })
  await stream.send(new Packr({ useRecords: false }).pack({ n: 9_007_199_254_740_993n }), {
    'content-encoding': 'msgpack',
  })
  await stream.send('broken', { 'content-encoding': 'gzip/json' })
  await stream.send(gzipSync(Buffer.alloc(5_000)), { 'content-encoding': 'gzip/json' })
  await stream.send(event)
  const reader = await open({ maxUnpackedBytes: 1_000 })
  const deliveries = await new Taker(reader).take(6)
  expect(
    deliveries.map(({ bytes, defect }) => (defect === undefined ? Buffer.from(bytes).toString() : defect)),
  ).toEqual([
    event,
    event,
    event,
    'cannot unpack gzip/json: incorrect header check',
    'cannot unpack gzip/json: it is larger than 1000 bytes',
    event,
  ])
  await reader.close()
})
