import { eventOf } from '@eds/testkit'
import { expect, it } from 'vitest'
import { encodeEntries } from '../src/encode.js'

it('makes an entry per event, byte for byte, in the stream of its table', () => {
  const events = [eventOf('INSERT', 'note', { id: 'n1' }), eventOf('DELETE', 'order', { id: 'o1' })]
  expect(encodeEntries(events, 1_000)).toEqual([
    { stream: 'note', bytes: events[0]?.bytes },
    { stream: 'order', bytes: events[1]?.bytes },
  ])
})

it('refuses an event that is too large by its index', () => {
  const large = eventOf('INSERT', 'note', { id: 'n2', text: 'x'.repeat(900) })
  const events = [eventOf('INSERT', 'note', { id: 'n1' }), large]
  expect(() => encodeEntries(events, 900)).toThrow(expect.objectContaining({ code: 'record', index: 1 }))
})
