import { randomUUID } from 'node:crypto'
import { getEventListeners } from 'node:events'
import { type Driver, memoryState, parseSinkUrl, systemClock } from '@eds/core'
import { requireService } from '@eds/tool-services/vitest'
import { afterAll, beforeAll, expect, it } from 'vitest'
import pubsub from '../src/index.js'
import { eventOf } from './events.js'
import { serverAddress } from './server-address.js'
import { TestTopic } from './test-topic.js'

const server = await requireService('pubsub')
const { endpoint, project } = serverAddress(server.url)
const { signal } = new AbortController()

function driverOf(topic: string, options = ''): Driver {
  const logger = { debug() {}, info() {}, warn() {}, error() {} }
  const runtime = { logger, clock: systemClock, random: Math.random, metrics: { count() {} }, state: memoryState() }
  const config = parseSinkUrl(pubsub, `pubsub://${project}/${topic}?endpoint=${endpoint}${options}`)
  return pubsub.create(config, { sink: 'test', session: 'test', ...runtime })
}

server.describe('connecting', () => {
  let topic: TestTopic

  beforeAll(async () => {
    topic = await TestTopic.create(endpoint, project)
  })
  afterAll(() => topic.remove())

  it('says that the topic is missing, and makes it when asked to', async () => {
    const name = `eds-${randomUUID()}`
    const missing = { code: 'configuration', fix: expect.stringContaining('create=true') }
    await expect(driverOf(name).connect(signal)).rejects.toMatchObject(missing)
    await expect(driverOf(name).probe?.test(signal)).rejects.toMatchObject(missing)
    expect((await driverOf(name, '&create=true').probe?.test(signal))?.warnings).toHaveLength(1)
    const driver = driverOf(name, '&create=true')
    await driver.connect(signal)
    await driver.close()
    expect(await driverOf(name).probe?.test(signal)).toMatchObject({ warnings: [] })
  })

  it('publishes a message close to 10 MB, refuses a larger one, and sends key and attributes', async () => {
    const large = eventOf({ after: { id: 'o1', text: 'x'.repeat(9_900_000) } }, 1)
    const tooLarge = eventOf({ after: { id: 'o2', text: 'x'.repeat(10_000_000) } }, 2)
    const small = eventOf({ key: ['r', 'o3'], after: { id: 'o3' } }, 3)
    const driver = driverOf(topic.name)
    await driver.connect(signal)
    const events = [large, tooLarge, small]
    const result = await driver.write({ events, bytes: 0, first: large.position, last: small.position }, signal)
    await driver.close()
    expect(result.failures).toMatchObject([{ index: 1, error: { code: 'record' } }])
    const messages = await topic.messages()
    expect(messages.map(({ attributes }) => attributes.id).sort()).toEqual(['event-1', 'event-3'])
    expect(messages.find(({ data }) => data.equals(large.bytes))?.orderingKey).toBe('order.c1.l1.o1')
    expect(messages.find(({ data }) => data.equals(small.bytes))?.attributes).toMatchObject({ table: 'order' })
  })

  it('keeps nothing with the signals that outlive a write', async () => {
    const { signal } = new AbortController()
    const driver = driverOf(topic.name)
    await driver.connect(signal)
    const event = eventOf({ key: ['r', 'o4'], after: { id: 'o4' } }, 4)
    const batch = { events: [event], bytes: 0, first: event.position, last: event.position }
    for (let write = 0; write < 12; write++) await driver.write(batch, signal)
    expect(getEventListeners(signal, 'abort')).toEqual([])
    await driver.close()
  })
})

it('says which credentials cannot be used', async () => {
  const config = parseSinkUrl(pubsub, 'pubsub://shop/changes?credentials=/nowhere/key.json')
  const logger = { debug() {}, info() {}, warn() {}, error() {} }
  const runtime = { logger, clock: systemClock, random: Math.random, metrics: { count() {} }, state: memoryState() }
  const driver = pubsub.create(config, { sink: 'test', session: 'test', ...runtime })
  await expect(driver.connect(signal)).rejects.toMatchObject({
    code: 'configuration',
    message: expect.stringContaining('/nowhere/key.json'),
  })
  await driver.close()
})
