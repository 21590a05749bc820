import { getEventListeners } from 'node:events'
import { type EventHubSim, startEventHubSim } from '@eds/tool-eventhub-sim'
import { afterEach, beforeEach, expect, it } from 'vitest'
import eventhub from '../src/index.js'
import { createDriverContext } from './driver-context.js'
import { batchOf, event } from './fixtures.js'
import { readHub } from './read-hub.js'

const never = new AbortController().signal
let sim: EventHubSim
let driver: ReturnType<typeof eventhub.create>

beforeEach(async () => {
  sim = await startEventHubSim({ partitions: 2, maxMessageBytes: 20_000 })
  driver = eventhub.create(eventhub.config.parse(eventhub.parse(sim.url)), createDriverContext())
  await driver.connect(never)
})

afterEach(async () => {
  await driver.close()
  await sim.stop()
})

async function storedIds(): Promise<string[]> {
  const ids: string[] = []
  for await (const { messageId } of readHub(sim.connectionString)) ids.push(String(messageId))
  return ids
}

it('an event that no message can hold fails with those of its row behind it, and the rest goes on', async () => {
  const large = { after: { id: 'row', text: 'x'.repeat(30_000) } }
  const other = { key: ['region', 'other'] }
  const events = [event(0), event(1, large), event(2, other), event(3)]
  const { failures = [] } = await driver.write(batchOf(events), never)
  expect(failures.map(({ index, error }) => [index, error.code])).toEqual([
    [1, 'record'],
    [3, 'record'],
  ])
  expect((await storedIds()).sort()).toEqual(['change-0', 'change-2'])
})

it('events of one key that fill several messages stay in order', async () => {
  const events = Array.from({ length: 60 }, (_, number) =>
    event(number, { after: { id: 'row', text: 'x'.repeat(900) } }),
  )
  expect(await driver.write(batchOf(events), never)).toEqual({})
  expect(await storedIds()).toEqual(events.map(({ id }) => id))
})

it('throttling rejects with a delay, and sends nothing of that key behind it', async () => {
  sim.throttleNext(1)
  const events = Array.from({ length: 60 }, (_, number) =>
    event(number, { after: { id: 'row', text: 'x'.repeat(900) } }),
  )
  await expect(driver.write(batchOf(events), never)).rejects.toMatchObject({ code: 'throttled', retryAfterMs: 4_000 })
  expect(sim.events()).toEqual([])
  await driver.connect(never)
  await driver.write(batchOf(events), never)
  expect(await storedIds()).toEqual(events.map(({ id }) => id))
})

it('nothing of a write stays with the signal that it was given', async () => {
  const { signal } = new AbortController()
  for (let write = 0; write < 12; write++) await driver.write(batchOf([event(write)]), signal)
  sim.throttleNext(1)
  await expect(driver.write(batchOf([event(12)]), signal)).rejects.toMatchObject({ code: 'throttled' })
  expect(getEventListeners(signal, 'abort')).toEqual([])
})

it('a detached link is a lost connection, and connecting repairs it', async () => {
  await driver.write(batchOf([event(0)]), never)
  sim.stall()
  const write = driver.write(batchOf([event(1)]), never)
  sim.detachLinks()
  await expect(write).rejects.toMatchObject({ code: 'connection' })
  await sim.restore()
  await driver.connect(never)
  await driver.write(batchOf([event(1)]), never)
  expect(new Set(await storedIds())).toEqual(new Set(['change-0', 'change-1']))
})

it('a hub that is not there is named as such', async () => {
  const url = sim.url.replace('EntityPath=hub', 'EntityPath=other')
  const wrong = eventhub.create(eventhub.config.parse(eventhub.parse(url)), createDriverContext())
  await expect(wrong.connect(never)).rejects.toMatchObject({ code: 'configuration' })
  await wrong.close()
})
