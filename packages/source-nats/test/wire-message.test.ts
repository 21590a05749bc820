import { headers, type Msg } from 'nats'
import { expect, it } from 'vitest'
import { encodingOf } from '../src/wire-message.js'

/** A message as the client makes it, or without the parts that its type does not promise. */
function message(fields: Record<string, string>, isRaw: boolean): Msg {
  const all = headers()
  for (const [name, value] of Object.entries(fields)) all.set(name, value)
  const raw = Buffer.from(
    `NATS/1.0\r\n${Object.entries(fields)
      .map(([name, value]) => `${name}: ${value}\r\n`)
      .join('')}\r\n{}`,
  )
  const parts = { headers: all, ...(isRaw && { _msg: { hdr: raw.length - 2 }, _rdata: raw }) }
  return parts as unknown as Msg
}

it.each([true, false])('finds the encoding, whatever the case of its name (raw headers: %s)', (isRaw) => {
  expect(encodingOf(message({ 'content-encoding': 'msgpack' }, isRaw))).toBe('msgpack')
  expect(encodingOf(message({ 'Nats-Msg-Id': '1', 'Content-Encoding': 'gzip/json' }, isRaw))).toBe('gzip/json')
  expect(encodingOf(message({ 'Nats-Msg-Id': 'content-encoding' }, isRaw))).toBe('')
  expect(encodingOf(message({}, isRaw))).toBe('')
})

it('finds none on a message without headers', () => {
  expect(encodingOf({ _msg: { hdr: -1 }, _rdata: Buffer.from('{}') } as unknown as Msg)).toBe('')
  expect(encodingOf({} as unknown as Msg)).toBe('')
})
