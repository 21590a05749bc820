import type { Delivery } from '@eds/core'
import { type PrivateServer, startNats } from '@eds/tool-services'
import type { AckPolicy, DeliverPolicy } from 'nats'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { nats } from '../src/index.js'
import { readAndDie } from './support/child-reader.js'
import { numbers, range, request, Taker } from './support/reading.js'
import { TestStream } from './support/test-stream.js'

let server: PrivateServer
let stream: TestStream
beforeAll(async () => {
  server = await startNats()
})
afterAll(() => server.remove())
beforeEach(async () => {
  stream = await TestStream.create(server.url, { max_consumers: 1 })
})
afterEach(async () => {
  await stream.manager.streams.delete(stream.name)
  await stream.close()
})

/** Acknowledgements are sent without waiting for an answer: waits until the server has counted them. */
async function acknowledged(cursor: string, count: number): Promise<void> {
  const floor = async () => (await stream.manager.consumers.info(stream.name, cursor)).ack_floor.consumer_seq
  await expect.poll(floor).toBe(count)
}

interface Reading {
  readonly cursor: string
  readonly ack: 'auto' | 'all' | 'explicit'
  readonly after?: string
}

/** Reads so many, then waits until nothing more is there: what repeats shows as too many. */
async function readAll({ cursor, ack, after }: Reading, count: number): Promise<Delivery[]> {
  const source = nats({ servers: server.url, stream: stream.name, ack })
  const reader = await source.open(request({ cursor, ...(after && { after }) }))
  const taker = new Taker(reader)
  const deliveries = await taker.take(count)
  await stream.publish(1)
  deliveries.push(...(await taker.take(1)))
  await reader.acknowledge(deliveries.at(-1)!)
  await reader.close()
  await source.close()
  return deliveries
}

describe.each([
  { cursor: 'sink', ack: 'all' },
  { cursor: 'sink', ack: 'explicit' },
  { cursor: 'eds-server1', ack: 'auto' },
] as const)('after a reader of $cursor with ack $ack was killed', ({ cursor, ack }) => {
  it('brings the outstanding messages again before newer ones', async () => {
    await stream.publish(10)
    await readAndDie({ url: server.url, stream: stream.name, cursor, ack, count: 10, acknowledge: 0 })
    await stream.publish(10)
    expect(numbers(await readAll({ cursor, ack }, 20))).toEqual(range(1, 21))
  })

  it('does so although the consumer was deleted meanwhile', async () => {
    await stream.publish(10)
    await readAndDie({ url: server.url, stream: stream.name, cursor, ack, count: 10, acknowledge: 0 })
    await stream.deleteConsumer(cursor)
    await stream.publish(10)
    expect(numbers(await readAll({ cursor, ack }, 20))).toEqual(range(1, 21))
  })

  it('goes on after the ack floor when nobody has a position', async () => {
    await stream.publish(10)
    const beforeDeath = () => acknowledged(cursor, 4)
    await readAndDie({ url: server.url, stream: stream.name, cursor, ack, count: 10, acknowledge: 4, beforeDeath })
    await stream.publish(10)
    expect(numbers(await readAll({ cursor, ack }, 16))).toEqual(range(5, 21))
  })

  it('goes on after the durable position, whatever was acknowledged', async () => {
    await stream.publish(10)
    const beforeDeath = () => acknowledged(cursor, 4)
    const positions = await readAndDie({
      url: server.url,
      stream: stream.name,
      cursor,
      ack,
      count: 10,
      acknowledge: 4,
      beforeDeath,
    })
    await stream.publish(10)
    expect(numbers(await readAll({ cursor, ack, after: positions[6]! }, 13))).toEqual(range(8, 21))
    expect(numbers(await readAll({ cursor, ack, after: positions[1]! }, 19))).toEqual(range(3, 22))
  })

  it('goes on after the durable position although the consumer was deleted meanwhile', async () => {
    await stream.publish(10)
    const positions = await readAndDie({ url: server.url, stream: stream.name, cursor, ack, count: 10, acknowledge: 0 })
    await stream.deleteConsumer(cursor)
    await stream.publish(10)
    expect(numbers(await readAll({ cursor, ack, after: positions[6]! }, 13))).toEqual(range(8, 21))
  })
})

it('leaves a consumer alone that stands at the durable position', async () => {
  await stream.publish(10)
  const [, , third] = await readAll({ cursor: 'sink', ack: 'auto' }, 10)
  expect(third).toBeDefined()
  const before = await stream.manager.consumers.info(stream.name, 'sink')
  const last = (await readAll({ cursor: 'sink', ack: 'auto' }, 0)).at(-1)!
  await readAll({ cursor: 'sink', ack: 'auto', after: last.position }, 0)
  expect((await stream.manager.consumers.info(stream.name, 'sink')).created).toBe(before.created)
})

it('makes a shared consumer anew by start time and keeps its other settings', async () => {
  await stream.publish(10)
  const settings = {
    max_waiting: 1,
    max_batch: 512,
    inactive_threshold: 86_400e9,
    ack_wait: 60e9,
    max_ack_pending: 700,
  }
  await stream.manager.consumers.add(stream.name, {
    durable_name: 'eds-server1',
    ack_policy: 'explicit' as AckPolicy,
    deliver_policy: 'all' as DeliverPolicy,
    max_deliver: 20,
    ...settings,
  })
  const taken = await readAndDie({
    url: server.url,
    stream: stream.name,
    cursor: 'eds-server1',
    ack: 'auto',
    count: 10,
    acknowledge: 0,
  })
  await readAll({ cursor: 'eds-server1', ack: 'auto', after: taken[3]! }, 6)
  const { config } = await stream.manager.consumers.info(stream.name, 'eds-server1')
  expect(config).toMatchObject({
    ...settings,
    deliver_policy: 'by_start_time',
    max_deliver: -1,
    ack_policy: 'explicit',
  })
})
