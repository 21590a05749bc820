import { type PrivateServer, startNats } from '@eds/tool-services'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { eventSubject, nats, type PublisherOptions, publisher, type StreamPublisher } from '../src/index.js'
import { LoopbackProxy } from './support/loopback-proxy.js'
import { numbers, range, request, Taker } from './support/reading.js'
import { TestStream } from './support/test-stream.js'

const subject = () => eventSubject({ table: 'order', operation: 'INSERT', companyId: 'c1' }, stream.name)
const message = (n: number) => ({ subject: subject(), data: Buffer.from(JSON.stringify({ n })), id: `event-${n}` })

let server: PrivateServer
let stream: TestStream
let output: StreamPublisher
beforeAll(async () => {
  server = await startNats()
})
afterAll(() => server.remove())
beforeEach(async () => {
  stream = await TestStream.create(server.url)
})
afterEach(async () => {
  await output.close()
  await stream.manager.streams.delete(stream.name)
  await stream.close()
})

async function open(options: Partial<PublisherOptions> = {}): Promise<StreamPublisher> {
  output = publisher({ servers: server.url, stream: stream.name, ...options })
  await output.open()
  return output
}

async function stored(): Promise<number[]> {
  const { state } = await stream.manager.streams.info(stream.name)
  const source = nats({ servers: server.url, stream: stream.name })
  const reader = await source.open(request({ cursor: 'check', start: { at: 'beginning' } }))
  const all = numbers(await new Taker(reader).take(state.messages))
  await reader.close()
  await source.close()
  return all
}

it('stores everything in order, once', async () => {
  const out = await open({ maxInFlight: 50 })
  for (const n of range(1, 2_000)) await out.publish(message(n))
  await out.flush()
  expect(out.stored).toBe(2_000)
  await out.publish(message(7))
  await out.flush()
  expect(await stored()).toEqual(range(1, 2_000))
})

it('sends again what a broken connection left in doubt', async () => {
  const proxy = await LoopbackProxy.to(server.url)
  const out = await open({ servers: proxy.url, maxInFlight: 20, timeoutMs: 300 })
  for (const n of range(1, 500)) {
    await out.publish(message(n))
    if (n % 100 === 0) proxy.cut()
  }
  await out.flush()
  expect(await stored()).toEqual(range(1, 500))
  await output.close()
  await proxy.close()
})

it('creates the stream when asked, and leaves one alone that exists', async () => {
  await stream.manager.streams.delete(stream.name)
  const out = await open({ createStream: true })
  await out.publish(message(1))
  await out.flush()
  await out.close()
  const again = await open({ createStream: true })
  await again.publish(message(2))
  await again.flush()
  expect(await stored()).toEqual([1, 2])
})

it('says which streams there are when the one asked for is missing', async () => {
  await expect(open({ stream: 'changes' })).rejects.toMatchObject({
    code: 'configuration',
    message: `NATS has no stream "changes": there is ${stream.name}`,
  })
})

it('fails when the stream does not take a message', async () => {
  await stream.manager.streams.update(stream.name, { max_msg_size: 100 })
  const out = await open()
  await out.publish({ subject: subject(), data: Buffer.alloc(1_000) })
  await expect(out.flush()).rejects.toMatchObject({
    code: 'configuration',
    message: expect.stringContaining(`did not take a message for "${subject()}"`),
  })
  await expect(out.publish(message(1))).rejects.toMatchObject({ code: 'configuration' })
})

it('fails when no stream takes the subject', async () => {
  const out = await open({ timeoutMs: 200 })
  await out.publish({ ...message(1), subject: 'elsewhere.a' })
  await expect(out.flush()).rejects.toMatchObject({
    code: 'configuration',
    message: expect.stringContaining('"elsewhere.a"'),
  })
})

it('fails when nothing is confirmed for too long', async () => {
  const proxy = await LoopbackProxy.to(server.url)
  const out = await open({ servers: proxy.url, timeoutMs: 200, patienceMs: 500 })
  proxy.block()
  await out.publish(message(1))
  await expect(out.flush()).rejects.toMatchObject({
    code: 'connection',
    message: expect.stringContaining('has confirmed no message'),
  })
  await output.close()
  await proxy.close()
})
