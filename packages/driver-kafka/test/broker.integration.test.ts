import { getEventListeners } from 'node:events'
import { type ChangeEvent, type Driver, type DriverContext, memoryState, systemClock } from '@eds/core'
import { type PrivateServer, startKafka } from '@eds/tool-services'
import { requireExecutable } from '@eds/tool-services/vitest'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import kafka from '../src/index.js'
import { readTopic } from './fixtures/consume.js'
import { batchOf, eventOf } from './fixtures/events.js'

const needed = await requireExecutable('kafka')
const never = new AbortController().signal
const silent = () => {}
const context: DriverContext = {
  sink: 'test',
  session: 'test',
  logger: { debug: silent, info: silent, warn: silent, error: silent },
  clock: systemClock,
  random: Math.random,
  metrics: { count: silent },
  state: memoryState(),
}
const drivers: Driver[] = []

function driverFor(url: string): Driver {
  const driver = kafka.create(kafka.config.parse(kafka.parse(url)), context)
  drivers.push(driver)
  return driver
}

async function connected(url: string): Promise<Driver> {
  const driver = driverFor(url)
  await driver.connect(never)
  return driver
}

function idsOf(values: readonly { readonly value: Buffer | null }[]): string[] {
  return values.map(({ value }) => JSON.parse(String(value)).id).sort()
}

afterEach(async () => {
  for (const driver of drivers.splice(0)) await driver.close()
})

needed.describe('a broker with small limits', () => {
  let server: PrivateServer
  beforeAll(async () => {
    server = await startKafka({ properties: { 'message.max.bytes': '20000' } })
  }, 120_000)
  afterAll(() => server.remove())

  it('has all events but the one that it refused as too large', async () => {
    const driver = await connected(`${server.url}/limits`)
    const write = (events: readonly ChangeEvent[]) => driver.write(batchOf(events), never)
    const small = Array.from({ length: 30 }, (_, index) => eventOf({ key: ['region', `r${index}`] }))
    const large = eventOf({ filler: 'x'.repeat(30_000) })
    await write(small.slice(0, 10))
    await expect(write([...small.slice(10, 20), large])).rejects.toMatchObject({ code: 'record', index: undefined })
    await expect(write([large])).rejects.toMatchObject({ code: 'record', index: 0 })
    // As many per partition as in the refused request: a broker that still knew its sequence numbers would drop them.
    await write(small.slice(10, 20))
    await write(small.slice(20))
    const stored = idsOf(await readTopic(server.url, 'limits'))
    expect([...new Set(stored)]).toEqual(small.map(({ id }) => id).sort())
  })

  it('leaves nothing with the signal of a write', async () => {
    const { signal } = new AbortController()
    const driver = await connected(`${server.url}/signals`)
    for (let write = 0; write < 12; write++) await driver.write(batchOf([eventOf()]), signal)
    const large = eventOf({ filler: 'x'.repeat(30_000) })
    await expect(driver.write(batchOf([large]), signal)).rejects.toMatchObject({ code: 'record' })
    expect(getEventListeners(signal, 'abort')).toEqual([])
  })

  it('gets batches that are cut to fit', async () => {
    const driver = await connected(`${server.url}/cut?maxMessageBytes=20000`)
    const events = Array.from({ length: 50 }, () => eventOf({ filler: 'x'.repeat(4_000) }))
    await driver.write(batchOf(events), never)
    const stored = idsOf(await readTopic(server.url, 'cut'))
    expect(stored).toEqual(expect.arrayContaining(events.map(({ id }) => id)))
  })

  it('has compressed events byte for byte, and tombstones', async () => {
    const driver = await connected(`${server.url}/compact?compression=gzip&tombstones=true`)
    const events = [eventOf({ filler: 'é'.repeat(500) }), eventOf({ operation: 'DELETE' })]
    await driver.write(batchOf(events), never)
    const stored = await readTopic(server.url, 'compact')
    expect(stored.map(({ key }) => String(key))).toEqual(['order.NONE.NONE.row', 'order.NONE.NONE.row'])
    expect(stored[0]?.value?.equals(events[0]!.bytes)).toBe(true)
    expect(stored[1]?.value).toBeNull()
  })

  it('is not asked to make topics with create=false', async () => {
    const driver = await connected(`${server.url}/missing?create=false`)
    await expect(driver.write(batchOf([eventOf()]), never)).rejects.toMatchObject({
      code: 'connection',
      fix: expect.stringContaining('create the topic'),
    })
    await expect(driver.probe?.test(never)).rejects.toMatchObject({ code: 'configuration' })
    expect(await readTopic(server.url, 'missing')).toEqual([])
  })
})

needed.describe('a broker that asks for a login', () => {
  const password = 's3cret-pw'
  let server: PrivateServer
  const urlFor = (login: string) => `kafka://${login}@127.0.0.1:${server.port}/login`
  beforeAll(async () => {
    const module = 'org.apache.kafka.common.security.plain.PlainLoginModule required'
    server = await startKafka({
      properties: {
        'listener.security.protocol.map': 'CLIENT:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT',
        'sasl.enabled.mechanisms': 'PLAIN',
        'sasl.mechanism.inter.broker.protocol': 'PLAIN',
        'listener.name.client.plain.sasl.jaas.config': `${module} username="eds" password="${password}" user_eds="${password}";`,
      },
    })
  }, 120_000)
  afterAll(() => server.remove())

  it('takes events of a user that it knows', async () => {
    const driver = await connected(urlFor(`eds:${password}`))
    expect(await driver.write(batchOf([eventOf()]), never)).toEqual({})
    expect(await driver.probe?.test(never)).toMatchObject({ summary: expect.stringContaining('topic "login"') })
  })

  it.each(['plain', 'scram-sha-512'])('refuses others (%s), and no error repeats the password', async (sasl) => {
    const wrong = driverFor(`${urlFor('eds:wr0ng-pw')}?sasl=${sasl}`)
    const code = sasl === 'plain' ? 'authentication' : expect.stringMatching(/^(?:authentication|configuration)$/)
    for (const attempt of [() => wrong.connect(never), () => wrong.probe?.test(never)]) {
      const error = await Promise.resolve(attempt()).catch((reason: unknown) => reason)
      expect(error).toMatchObject({ code })
      expect(String(error)).not.toContain('wr0ng-pw')
    }
  })
})
