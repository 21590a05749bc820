import { eventOf } from '@eds/testkit'
import { expect, it } from 'vitest'
import { encodeCommand } from '../src/encode.js'

const event = eventOf('INSERT', 'note', { id: 'n1' })

it('appends the bytes of the event to the stream of its table', () => {
  const fields = ['key', 'note.NONE.NONE.n1', 'event', Buffer.from(event.bytes)]
  expect(encodeCommand(event, { prefix: 'eds:' })).toEqual(['XADD', 'eds:note', '*', ...fields])
})

it('limits the stream when asked to', () => {
  const command = encodeCommand(event, { prefix: '', maxLength: 1_000 })
  expect(command.slice(0, 6)).toEqual(['XADD', 'note', 'MAXLEN', '~', '1000', '*'])
})

it('copies no bytes', () => {
  expect((encodeCommand(event, { prefix: '' }).at(-1) as Buffer).buffer).toBe(event.bytes.buffer)
})
