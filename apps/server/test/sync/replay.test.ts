import type { SyncMessage } from '@eds/sync'
import { messageId } from '@eds/sync'
import { expect, test } from 'vitest'
import { distinct, expectedIds, replay, windowsOf } from './replay.js'

const endpoints = [
  { eventKey: 'a', minNbOfOccurrence: 1 },
  { eventKey: 'b', minNbOfOccurrence: 2 },
]

/** A message of events like `b3`: endpoint and time. */
function messageOf(eventID: string, ...names: string[]): SyncMessage {
  const list = (key: string) =>
    names
      .filter((name) => name.startsWith(key))
      .map((name) => ({
        eventKey: key,
        content: name,
        datetime: name.slice(1),
        headers: {},
        queryParams: {},
        httpMethod: 'POST',
      }))
  const facts = { minNbOfOccurrence: 1, eventToSend: 'ALL' } as const
  const events = Object.fromEntries(['a', 'b'].map((key) => [key, { ...facts, numberOfEvents: 0, events: list(key) }]))
  return { eventID, date: eventID, serviceName: 's', triggerType: 'window', events }
}

test('finds the windows that the stored order makes', () => {
  const right = [messageOf('1', 'a1', 'b2', 'b3'), messageOf('2', 'b4')]
  expect(replay(right, endpoints)).toEqual(windowsOf(right, endpoints))
  const late = [messageOf('1', 'a1', 'b2', 'b3', 'b4'), messageOf('2')]
  expect(replay(late, endpoints)).not.toEqual(windowsOf(late, endpoints))
})

test('counts a message that comes again once, and refuses one that has changed', () => {
  const message = messageOf('1', 'a1')
  expect(distinct([message, structuredClone(message)])).toEqual([message])
  expect(() => distinct([message, messageOf('1', 'a2')])).toThrow('message 1 came again in another form')
})

test('numbers the events of each endpoint from one', () => {
  const lines = { a: { writer: 'w', slot: 0 }, b: { writer: 'w', slot: 1 } }
  const windows = [
    { a: ['x'], b: ['y', 'z'] },
    { a: ['v'], b: [] },
  ]
  expect(expectedIds(windows, lines)).toEqual([['w-0-1', 'w-1-1', 'w-1-2'], ['w-0-2']].map(messageId))
})
