import { EdsError, type Source } from '@eds/core'
import { type PrivateServer, startNats } from '@eds/tool-services'
import type { AckPolicy } from 'nats'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type NatsOptions, nats } from '../src/index.js'
import { LoopbackProxy } from './support/loopback-proxy.js'
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
  stream = await TestStream.create(server.url, { max_consumers: 1 })
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

describe.each([{ cursor: 'sink' }, { cursor: 'eds-server1' }])('a reader of $cursor', ({ cursor }) => {
  it('goes on without skipping or repeating when the server is killed and comes back', async () => {
    await stream.publish(30)
    const reader = await open({ maxPullBatch: 10 }).open(request({ cursor }))
    const taker = new Taker(reader)
    const before = await taker.take(20)
    await reader.acknowledge(before[9]!)
    await server.restart('SIGKILL')
    await stream.reconnect(server.url)
    await stream.publish(20)
    expect(numbers([...before, ...(await taker.take(30))])).toEqual(range(1, 50))
    await reader.close()
  })

  it('goes on when the connection is cut again and again', async () => {
    const proxy = await LoopbackProxy.to(server.url)
    const reader = await open({ servers: proxy.url, maxPullBatch: 7 }).open(request({ cursor }))
    const taker = new Taker(reader)
    const read: number[] = []
    for (let round = 0; round < 5; round++) {
      await stream.publish(30)
      const deliveries = await taker.take(20)
      read.push(...numbers(deliveries))
      await reader.acknowledge(deliveries[7]!)
      proxy.cut()
    }
    expect([...read, ...numbers(await taker.take(50))]).toEqual(range(1, 150))
    await reader.close()
    await proxy.close()
  })

  it('notices deliveries that did not arrive although the connection held', async () => {
    const proxy = await LoopbackProxy.to(server.url)
    const reader = await open({ servers: proxy.url }).open(request({ cursor }))
    const taker = new Taker(reader)
    await stream.publish(5)
    const before = await taker.take(5)
    proxy.mute()
    await stream.publish(5)
    const delivered = async () => (await stream.manager.consumers.info(stream.name, cursor)).delivered.consumer_seq
    await expect.poll(delivered).toBe(10)
    proxy.unmute()
    expect(numbers([...before, ...(await taker.take(5))])).toEqual(range(1, 10))
    await reader.close()
    await proxy.close()
  })

  it('notices that the server has fallen silent, and goes on when it speaks again', async () => {
    const proxy = await LoopbackProxy.to(server.url)
    const said: string[] = []
    const note = (_fields: object, message: string) => said.push(message)
    const logger = { debug: note, info: note, warn: note, error: note }
    const reader = await open({ servers: proxy.url, timeoutMs: 300, logger }).open(request({ cursor }))
    const taker = new Taker(reader)
    await stream.publish(5)
    const before = await taker.take(5)
    proxy.mute()
    await stream.publish(5)
    await expect.poll(() => said).toContain('reading was interrupted, recovering')
    proxy.unmute()
    expect(numbers([...before, ...(await taker.take(5))])).toEqual(range(1, 10))
    await reader.close()
    await proxy.close()
  })

  it('goes on when its consumer is deleted', async () => {
    await stream.publish(10)
    const reader = await open().open(request({ cursor }))
    const taker = new Taker(reader)
    const before = await taker.take(10)
    await reader.acknowledge(before[3]!)
    await stream.deleteConsumer(cursor)
    await stream.publish(10)
    const later = await taker.take(10)
    expect(numbers([...before, ...later])).toEqual(range(1, 20))
    await reader.acknowledge(later[9]!)
    await reader.close()
    const info = await stream.manager.consumers.info(stream.name, cursor)
    expect(info).toMatchObject({ num_ack_pending: 0, num_pending: 0 })
  })

  it('counts what is outstanding only once when its consumer is made anew', async () => {
    await stream.publish(10)
    const reader = await open({ maxPullBatch: 5, maxAckPending: 14 }).open(request({ cursor }))
    const taker = new Taker(reader)
    const first = await taker.take(5)
    // Five more wait in the reader, and a request is open when the consumer goes.
    const info = () => stream.manager.consumers.info(stream.name, cursor)
    await expect.poll(info).toMatchObject({ num_ack_pending: 10, num_waiting: 1 })
    await stream.deleteConsumer(cursor)
    await expect.poll(info).toMatchObject({ num_ack_pending: 10, num_waiting: 1 })
    await reader.acknowledge(first[4]!)
    await stream.publish(10)
    expect(numbers([...first, ...(await taker.take(14))])).toEqual(range(1, 19))
    await reader.close()
  })

  it('fails after a while when the server stays away, so that the pipeline can say so', async () => {
    await stream.publish(3)
    const reader = await open({ healMs: 300 }).open(request({ cursor }))
    const taker = new Taker(reader)
    await taker.take(3)
    await server.kill()
    expect(await taker.failure()).toMatchObject({ name: 'EdsError', code: 'connection' })
    await reader.close()
    await server.start()
    await stream.reconnect(server.url)
  })

  it('goes on from its position when the server expired its consumer', async () => {
    await stream.publish(10)
    const before = await open({ inactiveThresholdMs: 300, ackWaitMs: 300 }).open(request({ cursor }))
    const deliveries = await new Taker(before).take(10)
    await before.close()
    await source?.close()
    const exists = () =>
      stream.manager.consumers.info(stream.name, cursor).then(
        () => true,
        () => false,
      )
    await expect.poll(exists).toBe(false)
    await stream.publish(5)
    const reader = await open().open(request({ cursor, after: deliveries[6]!.position }))
    expect(numbers(await new Taker(reader).take(8))).toEqual(range(8, 15))
    await reader.close()
  })

  it('is refused while another program reads the same consumer', async () => {
    const first = await open().open(request({ cursor }))
    const second = nats({ servers: server.url, stream: stream.name, takeoverMs: 300 })
    const refusal = await second.open(request({ cursor })).catch((error: unknown) => error)
    expect(refusal).toBeInstanceOf(EdsError)
    expect(refusal).toMatchObject({
      code: 'connection',
      message: `consumer "${cursor}" of stream "${stream.name}" is being read by another program`,
    })
    await first.close()
    const third = await second.open(request({ cursor }))
    await third.close()
    await second.close()
  })

  it('fails when another program makes its consumer anew', async () => {
    const proxy = await LoopbackProxy.to(server.url)
    await stream.publish(3)
    const reader = await open({ servers: proxy.url, healMs: 1_000 }).open(request({ cursor }))
    const taker = new Taker(reader)
    await taker.take(3)
    proxy.block()
    await stream.deleteConsumer(cursor)
    await passed(Date.now() + 150)
    await stream.manager.consumers.add(stream.name, { durable_name: cursor, ack_policy: 'explicit' as AckPolicy })
    proxy.unblock()
    expect(await taker.failure()).toMatchObject({
      code: 'connection',
      message: expect.stringContaining('another program'),
    })
    await reader.close()
    await proxy.close()
  })
})

it('says which consumers there are when the stream allows no further one', async () => {
  await stream.manager.consumers.add(stream.name, { durable_name: 'other', ack_policy: 'explicit' as AckPolicy })
  const refusal = await open()
    .open(request())
    .catch((error: unknown) => error)
  expect(refusal).toMatchObject({ code: 'configuration', message: expect.stringContaining('it has other') })
})

it('says which streams there are when the one asked for is missing', async () => {
  const refusal = await open({ stream: 'changes' })
    .open(request())
    .catch((error: unknown) => error)
  expect(refusal).toMatchObject({
    code: 'configuration',
    message: `NATS has no stream "changes": there is ${stream.name}`,
  })
})

it('says that the server cannot be reached', async () => {
  const proxy = await LoopbackProxy.to(server.url)
  const { url } = proxy
  await proxy.close()
  const refusal = await open({ servers: url })
    .open(request())
    .catch((error: unknown) => error)
  expect(refusal).toMatchObject({ code: 'connection', message: expect.stringContaining(url) })
})
