import { eventOf } from '@eds/testkit'
import { expect, it } from 'vitest'
import { encodeLines } from '../src/encode.js'

it('writes an event per line, byte for byte', () => {
  const events = [eventOf('INSERT', 'note', { id: 'n1', text: 'é\n' }), eventOf('DELETE', 'note', { id: 'n1' })]
  expect(encodeLines(events).toString()).toBe(events.map(({ bytes }) => `${Buffer.from(bytes)}\n`).join(''))
})

it('makes one line of a pretty-printed event', () => {
  const event = { ...eventOf('INSERT', 'note', { id: 'n1' }), bytes: Buffer.from('{\r\n  "id": 1\n}') }
  expect(encodeLines([event, event]).toString()).toBe('{    "id": 1 }\n'.repeat(2))
})
