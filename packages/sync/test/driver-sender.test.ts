import { type Driver, EdsError, type Sink, sink } from '@eds/core'
import { MemoryDatabase, memoryDriver } from '@eds/testkit'
import { expect, it } from 'vitest'
import { driverSender, type SyncMessage } from '../src/index.js'

function messageOf(eventID: string): SyncMessage {
  return { eventID, date: '2026-01-12T11:00:00.000000000Z', serviceName: 'ready', triggerType: 'window', events: {} }
}

function memorySink(change: (driver: Driver) => Driver = (driver) => driver): { sink: Sink; database: MemoryDatabase } {
  const database = new MemoryDatabase()
  const definition = memoryDriver(database)
  const create: typeof definition.create = (config, context) => change(definition.create(config, context))
  return { sink: sink({ ...definition, create }, 'memory://shop'), database }
}

const { signal } = new AbortController()

it('makes the table of the messages before the first one, and writes a row for each', async () => {
  const { sink, database } = memorySink()
  const sender = driverSender(sink)
  await Promise.all(['one', 'two'].map((id) => sender.send(messageOf(id), signal)))
  await sender.send(messageOf('three'), signal)
  await sender.close()
  expect([...database.rows('ready')].map(({ eventID }) => eventID)).toEqual(['one', 'two', 'three'])
})

it('looks at the table again when it does not fit any more', async () => {
  const { sink, database } = memorySink()
  const sender = driverSender(sink)
  await sender.send(messageOf('one'), signal)
  database.drop('ready')
  await expect(sender.send(messageOf('two'), signal)).rejects.toMatchObject({ code: 'schema' })
  await sender.send(messageOf('two'), signal)
  expect([...database.rows('ready')].map(({ eventID }) => eventID)).toEqual(['two'])
})

it('connects when it is told to, once, and again after it failed', async () => {
  let connections = 0
  const { sink } = memorySink((driver) => {
    const connect = driver.connect.bind(driver)
    driver.connect = async (stop) => {
      if (++connections === 1) throw new EdsError('connection', 'not yet')
      await connect(stop)
    }
    return driver
  })
  const sender = driverSender(sink)
  expect(await sender.connect()).toMatchObject({ code: 'connection', message: 'not yet' })
  expect(await sender.connect()).toBeUndefined()
  await sender.send(messageOf('one'), signal)
  expect(connections).toBe(2)
})
