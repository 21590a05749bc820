import { type Source, systemClock } from '@eds/core'
import { type PrivateServer, startNats } from '@eds/tool-services'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { nats, parsePosition } from '../src/index.js'
import { LoopbackProxy } from './support/loopback-proxy.js'
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
  source = nats({ servers: server.url, stream: stream.name, heartbeatMs: 200 })
})
afterEach(async () => {
  await source.close()
  await stream.manager.streams.delete(stream.name)
  await stream.close()
})

async function positions(cursor: string, count: number): Promise<string[]> {
  const reader = await source.open(request({ cursor }))
  const deliveries = await new Taker(reader).take(count)
  await reader.acknowledge(deliveries.at(-1)!)
  await reader.close()
  return deliveries.map(({ position }) => position)
}

function refusal(cursor: string, after: string): Promise<unknown> {
  return source.open(request({ cursor, after })).then(
    () => 'opened',
    (error: unknown) => error,
  )
}

const cursors = [{ cursor: 'sink' }, { cursor: 'eds-server1' }]

describe.each(cursors)('opening $cursor after its last durable position', ({ cursor }) => {
  it('fails when messages after it were purged, naming both ends', async () => {
    await stream.publish(10)
    const [, , third] = await positions(cursor, 10)
    await stream.manager.streams.purge(stream.name, { seq: 7 })
    expect(await refusal(cursor, third!)).toMatchObject({
      code: 'gap',
      message: `stream "${stream.name}" no longer holds messages 4 to 6: the last one read is 3, the oldest left 7`,
    })
    expect(await refusal(cursor, third!)).toMatchObject({ code: 'gap' })
  })

  it('goes on when only messages up to it were purged', async () => {
    await stream.publish(10)
    const [, , , , , sixth] = await positions(cursor, 10)
    await stream.manager.streams.purge(stream.name, { seq: 7 })
    const reader = await source.open(request({ cursor, after: sixth! }))
    expect(numbers(await new Taker(reader).take(4))).toEqual(range(7, 10))
    await reader.close()
  })

  it('goes on when everything was purged after it had been read', async () => {
    await stream.publish(10)
    const all = await positions(cursor, 10)
    await stream.manager.streams.purge(stream.name)
    const reader = await source.open(request({ cursor, after: all[9]! }))
    await stream.publish(2)
    expect(numbers(await new Taker(reader).take(2))).toEqual(range(11, 12))
    await reader.close()
  })

  it('goes on when the message itself was deleted', async () => {
    await stream.publish(10)
    const all = await positions(cursor, 10)
    await stream.manager.streams.deleteMessage(stream.name, 5)
    const reader = await source.open(request({ cursor, after: all[4]! }))
    expect(numbers(await new Taker(reader).take(5))).toEqual(range(6, 10))
    await reader.close()
  })

  it.each([
    { made: 'is empty', messages: 0, says: 'went backwards: it is empty, but message 5 was read from it before' },
    {
      made: 'is shorter',
      messages: 3,
      says: 'went backwards: it ends at message 3, but message 5 was read from it before',
    },
    {
      made: 'is one short',
      messages: 4,
      says: 'went backwards: it ends at message 4, but message 5 was read from it before',
    },
    {
      made: 'is as long',
      messages: 5,
      says: 'is not the one that was read before, or went backwards: its message 5 is another one now',
    },
    {
      made: 'is longer',
      messages: 9,
      says: 'is not the one that was read before, or went backwards: its message 5 is another one now',
    },
  ])('fails when the stream was made anew and $made', async ({ messages, says }) => {
    await stream.publish(5)
    const after = (await positions(cursor, 5))[4]!
    await stream.manager.streams.delete(stream.name)
    await stream.add()
    await stream.publish(messages)
    expect(await refusal(cursor, after)).toMatchObject({ code: 'gap', message: `stream "${stream.name}" ${says}` })
    expect(await refusal(cursor, after)).toMatchObject({ code: 'gap' })
  })

  it('fails when it cannot be proven that the stream is the same', async () => {
    await stream.publish(5)
    const after = (await positions(cursor, 5))[4]!
    await stream.manager.streams.delete(stream.name)
    await stream.add()
    await stream.publish(4)
    await stream.publish(1, 'c2')
    await stream.publish(4)
    const narrow = nats({ servers: server.url, stream: stream.name, companyIds: ['c1'] })
    const error = await narrow.open(request({ cursor, after })).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'gap', message: expect.stringContaining('holds no message 5 for this sink') })
    await narrow.close()
  })
})

describe.each(cursors)('a reader of $cursor', ({ cursor }) => {
  /** A small buffer, and a clock that can be put forward instead of waiting. */
  const slowPipeline = () => {
    let aheadMs = 0
    const clock = { now: () => Date.now() + aheadMs, sleep: systemClock.sleep }
    const small = nats({
      servers: server.url,
      stream: stream.name,
      heartbeatMs: 200,
      maxPullBatch: 5,
      bufferBytes: 40,
      clock,
    })
    const later = () => {
      aheadMs += 60_000
    }
    return { small, later }
  }

  /** The reader has asked, and got what it asked for. */
  const quiet = (consumer: string) => {
    let pending = 0
    const isStill = async () => {
      const before = pending
      const { num_waiting, num_ack_pending } = await stream.manager.consumers.info(stream.name, consumer)
      pending = num_ack_pending
      return num_waiting === 0 && pending > 1 && pending === before
    }
    return expect.poll(isStill, { interval: 300 }).toBe(true)
  }

  it('fails when retention passes it while the pipeline takes nothing', async () => {
    await stream.publish(100)
    const { small, later } = slowPipeline()
    const reader = await small.open(request({ cursor }))
    const taker = new Taker(reader)
    const [first] = await taker.take(1)
    await quiet(cursor)
    later()
    await stream.manager.streams.purge(stream.name, { seq: 80 })
    expect(await taker.failure()).toMatchObject({ code: 'gap', message: expect.stringContaining('the oldest left 80') })
    expect(parsePosition(first!.position).sequence).toBe(1)
    await reader.close()
    await small.close()
  })

  it('goes on when retention took only what it had read', async () => {
    await stream.publish(100)
    const { small, later } = slowPipeline()
    const reader = await small.open(request({ cursor }))
    const taker = new Taker(reader)
    const before = await taker.take(10)
    const { delivered } = await stream.manager.consumers.info(stream.name, cursor)
    later()
    await stream.manager.streams.purge(stream.name, { seq: delivered.stream_seq + 1 })
    expect(numbers([...before, ...(await taker.take(90))])).toEqual(range(1, 100))
    await reader.close()
    await small.close()
  })

  it('fails when the stream is made anew under it', async () => {
    await stream.publish(10)
    const proxy = await LoopbackProxy.to(server.url)
    const distant = nats({ servers: proxy.url, stream: stream.name })
    const reader = await distant.open(request({ cursor }))
    const taker = new Taker(reader)
    const before = await taker.take(10)
    await reader.acknowledge(before[4]!)
    proxy.block()
    await stream.manager.streams.delete(stream.name)
    await stream.add()
    await stream.publish(20)
    proxy.unblock()
    expect(await taker.failure()).toMatchObject({ code: 'gap' })
    await reader.close()
    await distant.close()
    await proxy.close()
  })
})
