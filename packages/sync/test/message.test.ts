import { memoryState } from '@eds/core'
import { expect, it } from 'vitest'
import { selectEvents } from '../src/firing.js'
import { embeddedStorage, formatDate, formatMessageDate, messageId, selections } from '../src/index.js'
import { request, SyncWorld, testConfig } from './support/sync-world.js'

it('writes dates with six digits of the second, those of messages with nine', () => {
  expect(formatDate(1_673_521_081_618_171)).toBe('2023-01-12T10:58:01.618171Z')
  expect(formatMessageDate(1_673_521_081_000_007)).toBe('2023-01-12T10:58:01.000007000Z')
})

it('makes the id of the ids, in their order', () => {
  expect(messageId([])).toBe('d41d8cd98f00b204e9800998ecf8427e')
  expect(messageId(['a', 'bc'])).toBe('900150983cd24fb0d6963f7d28e17f72')
})

it.each([
  ['ALL', [1, 2, 3]],
  ['FIRST', [1]],
  ['LAST', [3]],
  ['BOUNDARIES', [1, 3]],
] as const)('selects with %s the events %j, and one event once', (selection, expected) => {
  const events = [2, 1, 3].map((date) => ({ id: String(date), date, ...request('a') }))
  expect(selections).toContain(selection)
  expect(selectEvents(selection, events).map(({ date }) => date)).toEqual(expected)
  expect(selectEvents(selection, events.slice(0, 1))).toHaveLength(1)
  expect(selectEvents(selection, [])).toEqual([])
})

it.each([
  [false, 'firstEventDate'],
  [true, 'FirstEventDate'],
])('with legacyDates %j names the first date %s', async (legacyDates, name) => {
  const world = await SyncWorld.open(embeddedStorage(memoryState()), { legacyDates })
  const [{ id } = { id: '' }] = await world.receive('a')
  const fired = await world.sync.trigger()
  await expect.poll(() => world.messages.length).toBe(1)
  expect(fired).toMatch(/^[0-9a-z]{12}-1$/)
  const [message] = world.messages
  expect(Object.keys(message!)).toEqual(['eventID', 'date', 'serviceName', 'triggerType', 'events'])
  expect(message!.eventID).toBe(messageId([id]))
  expect(Object.keys(message!.events.a!)).toEqual([
    name,
    ...['lastEventDate', 'numberOfEvents', 'minNbOfOccurrence', 'eventToSend', 'events'],
  ])
  expect(message!.events.b).toEqual({ numberOfEvents: 0, minNbOfOccurrence: 1, eventToSend: 'ALL' })
  await world.sync.close()
})

it('sends an empty message when asked to', async () => {
  const world = await SyncWorld.open(embeddedStorage(memoryState()), { config: testConfig({ type: 'none' }) })
  await world.sync.trigger()
  await expect.poll(() => world.messages.map(({ eventID }) => eventID)).toEqual(['d41d8cd98f00b204e9800998ecf8427e'])
  await world.sync.close()
})

it.each([
  ['c', 'POST', undefined, /no endpoint "c"/],
  ['a', 'GET', ['POST'], /"a" does not take GET/],
])('refuses %s by %s', async (eventKey, httpMethod, acceptedHttpMethods, message) => {
  const config = testConfig({}, [{ eventKey: 'a', acceptedHttpMethods }, { eventKey: 'b' }])
  const world = await SyncWorld.open(embeddedStorage(memoryState()), { config })
  await expect(world.sync.receive({ ...request(eventKey), httpMethod })).rejects.toMatchObject({
    code: 'record',
    message: expect.stringMatching(message),
  })
  await world.sync.close()
})
