import { memoryState, type Source } from '@eds/core'
import { type PrivateServer, startNats } from '@eds/tool-services'
import type { AckPolicy, ConsumerConfig, DeliverPolicy } from 'nats'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { type NatsOptions, nats } from '../src/index.js'
import { numbers, passed, range, request, Taker } from './support/reading.js'
import { TestStream } from './support/test-stream.js'

let server: PrivateServer
let stream: TestStream
let source: Source | undefined
beforeAll(async () => {
  server = await startNats()
})
afterAll(() => server.remove())
beforeEach(async () => {
  stream = await TestStream.create(server.url)
})
afterEach(async () => {
  await source?.close()
  await stream.manager.streams.delete(stream.name)
  await stream.close()
})

function open(options: Partial<NatsOptions> = {}): Source {
  source = nats({ servers: server.url, stream: stream.name, heartbeatMs: 200, ...options })
  return source
}

const info = (consumer: string) => stream.manager.consumers.info(stream.name, consumer)

it('creates a shared consumer as the old server has it, but without a delivery limit', async () => {
  const reader = await open({ companyIds: ['c1', 'c2'] }).open(request({ cursor: 'eds-server1' }))
  await reader.close()
  expect((await info('eds-server1')).config).toMatchObject({
    ack_policy: 'explicit',
    ack_wait: 300e9,
    max_ack_pending: 25_000,
    max_batch: 4_096,
    max_waiting: 1,
    max_deliver: -1,
    inactive_threshold: 3 * 86_400e9,
    filter_subjects: [`${stream.name}.*.*.c1.*.PUBLIC.>`, `${stream.name}.*.*.c2.*.PUBLIC.>`],
  })
})

it('creates a consumer of its own with acknowledge-all, which never expires', async () => {
  const reader = await open().open(request())
  await reader.close()
  const { config } = await info('sink')
  expect(config).toMatchObject({ ack_policy: 'all', max_deliver: -1, filter_subject: `${stream.name}.>` })
  expect(config.inactive_threshold ?? 0).toBe(0)
})

it('updates a consumer of the old server instead of replacing it', async () => {
  const settings: Partial<ConsumerConfig> = {
    ack_policy: 'explicit' as AckPolicy,
    deliver_policy: 'by_start_time' as DeliverPolicy,
    opt_start_time: '2024-01-01T00:00:00Z',
    ack_wait: 60e9,
    max_ack_pending: 700,
    max_waiting: 1,
    max_batch: 512,
    inactive_threshold: 86_400e9,
    description: 'the old server',
  }
  await stream.manager.consumers.add(stream.name, {
    durable_name: 'eds-server1',
    filter_subject: `${stream.name}.*.*.c1.*.PUBLIC.>`,
    max_deliver: 20,
    ...settings,
  })
  const { created } = await info('eds-server1')
  const reader = await open({ companyIds: ['c1', 'c2'] }).open(request({ cursor: 'eds-server1' }))
  const after = await info('eds-server1')
  expect(after.created).toBe(created)
  expect(after.config).toMatchObject({ ...settings, max_deliver: -1 })
  expect(after.config.filter_subjects).toEqual([`${stream.name}.*.*.c1.*.PUBLIC.>`, `${stream.name}.*.*.c2.*.PUBLIC.>`])
  await stream.publish(3, 'c2')
  expect(numbers(await new Taker(reader).take(3))).toEqual(range(1, 3))
  await reader.close()
})

it('refuses a consumer that pushes', async () => {
  await stream.manager.consumers.add(stream.name, {
    durable_name: 'sink',
    deliver_subject: 'elsewhere',
    ack_policy: 'all' as AckPolicy,
  })
  await expect(open().open(request())).rejects.toMatchObject({
    code: 'configuration',
    message: expect.stringContaining('pushes messages'),
  })
})

it.each([{ cursor: 'sink' }, { cursor: 'eds-server1' }])(
  'begins $cursor by time with several companies without leaving one out',
  async ({ cursor }) => {
    // The server's start by time misses the second c1 message when c2 comes for the first time after it.
    await stream.publish(1, 'c1')
    const time = Date.now() + 1
    await passed(time)
    await stream.publish(1, 'c1')
    await stream.publish(2, 'c2')
    await stream.publish(1, 'c1')
    const reader = await open({ companyIds: ['c1', 'c2'] }).open(request({ cursor, start: { at: 'time', time } }))
    const taker = new Taker(reader)
    const deliveries = await taker.take(4)
    expect(numbers(deliveries)).toEqual(range(2, 5))
    await reader.close()
    const again = await source!.open(request({ cursor, after: deliveries[0]!.position }))
    expect(numbers(await new Taker(again).take(3))).toEqual(range(3, 5))
    await again.close()
  },
)

it.each([
  { start: { at: 'beginning' }, first: 1 },
  { start: { at: 'resume' }, first: 1 },
  { start: { at: 'now' }, first: 4 },
] as const)('begins at $start.at when nobody remembers the cursor', async ({ start, first }) => {
  await stream.publish(3)
  const reader = await open().open(request({ start }))
  await stream.publish(2)
  expect(numbers(await new Taker(reader).take(6 - first))).toEqual(range(first, 5))
  await reader.close()
})

it('goes on from its note when it was killed between deleting a consumer and making it anew', async () => {
  await stream.publish(10)
  const state = memoryState()
  const reader = await open({ state }).open(request())
  const taken = await new Taker(reader).take(10)
  await reader.acknowledge(taken[3]!)
  await reader.close()
  await state.write({ [`restart/${stream.name}/sink`]: taken[3]!.position })
  await stream.deleteConsumer('sink')
  const again = await source!.open(request({ start: { at: 'now' } }))
  expect(numbers(await new Taker(again).take(6))).toEqual(range(5, 10))
  expect(await state.get(`restart/${stream.name}/sink`)).toBeUndefined()
  await again.close()
})

it('forgets a cursor, and again', async () => {
  const reader = await open().open(request())
  await reader.close()
  await source?.forget('sink')
  await source?.forget('sink')
  await expect(info('sink')).rejects.toThrow('consumer not found')
})

it('reads several cursors independently over one connection', async () => {
  await stream.publish(5)
  const shared = open()
  const one = await shared.open(request({ cursor: 'one' }))
  const two = await shared.open(request({ cursor: 'two' }))
  expect(numbers(await new Taker(one).take(5))).toEqual(range(1, 5))
  expect(numbers(await new Taker(two).take(5))).toEqual(range(1, 5))
  await one.close()
  await two.close()
})
