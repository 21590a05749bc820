import { gzipSync } from 'node:zlib'
import { pack } from 'msgpackr'
import { describe, expect, it } from 'vitest'
import { decodeNotification } from '../src/notification.js'

const json = (value: unknown) => Buffer.from(JSON.stringify(value))

describe('decodeNotification', () => {
  const message = { action: 'configure', data: { url: 'file:///x', backfill: true } }
  it.each([
    { encoding: '', data: json(message) },
    { encoding: 'JSON', data: json(message) },
    { encoding: 'gzip/json', data: gzipSync(json(message)) },
    { encoding: 'msgpack', data: pack(message) },
  ])('unpacks "$encoding"', ({ encoding, data }) => {
    expect(decodeNotification(data, encoding)).toEqual({ notification: message })
  })

  it.each([
    { message: { action: 'ping', data: { subject: 'a.b' } }, data: { subject: 'a.b' } },
    { message: { action: 'shutdown' }, data: { message: '', deleted: false } },
    {
      message: { action: 'shutdown', data: { message: 'm', deleted: true, x: 1 } },
      data: { message: 'm', deleted: true },
    },
    { message: { action: 'import', data: null }, data: { backfill: false } },
    { message: { action: 'import', data: {} }, data: { backfill: false } },
    { message: { action: 'import', data: { backfill: true } }, data: { backfill: true } },
    { message: { action: 'upgrade', data: { version: 'v1' } }, data: { version: 'v1' } },
    { message: { action: 'restart' }, data: undefined },
    {
      message: { action: 'validate', data: { driver: 'file', config: { a: 1 } } },
      data: { driver: 'file', config: { a: 1 } },
    },
  ])('reads $message', ({ message, data }) => {
    expect(decodeNotification(json(message), '')).toEqual({ notification: { action: message.action, data } })
  })

  it.each([
    { what: 'no JSON', bytes: Buffer.from('{'), action: 'unknown', problem: 'cannot be read as JSON' },
    { what: 'no action', bytes: json({}), action: 'unknown', problem: 'names no action' },
    { what: 'another action', bytes: json({ action: 'dance' }), action: 'dance', problem: 'no action "dance"' },
    { what: 'a built-in name', bytes: json({ action: 'toString' }), action: 'toString', problem: 'no action' },
    { what: 'a subject', bytes: json({ action: 'a.> b' }), action: 'unknown', problem: 'no action' },
    {
      what: 'wrong types',
      bytes: json({ action: 'configure', data: { url: ['hidden'], backfill: 'yes' } }),
      action: 'configure',
      problem: 'data.url, data.backfill',
    },
    {
      what: 'a subject with wildcards',
      bytes: json({ action: 'ping', data: { subject: 'a.*' } }),
      action: 'ping',
      problem: 'data.subject',
    },
  ])('says what is wrong with $what', ({ bytes, action, problem }) => {
    const decoded = decodeNotification(bytes, '')
    expect(decoded).toEqual({ action, problem: expect.stringContaining(problem) })
    expect(JSON.stringify(decoded)).not.toContain('hidden')
  })

  it('refuses encodings that it does not know', () => {
    expect(decodeNotification(json(message), 'zip')).toMatchObject({ problem: expect.stringContaining('zip') })
  })
})
