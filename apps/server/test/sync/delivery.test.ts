import { EdsError, type ErrorCode } from '@eds/core'
import type { SyncMessage } from '@eds/sync'
import { expect, it } from 'vitest'
import { Delivery } from '../../src/sync/delivery.js'
import { tryDestination } from '../../src/sync/try-destination.js'

const message: SyncMessage = { eventID: 'id', date: '', serviceName: 's', triggerType: 'window', events: {} }
const missing = new EdsError('configuration', 'no topic', { fix: 'create it' })
const away = new EdsError('connection', 'nobody there')

function world() {
  const lines: string[] = []
  const log = (level: string) => (_fields: object, text: string) => void lines.push(`${level} ${text}`)
  const logger = { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') }
  return { lines, delivery: new Delivery('projects/p/topics/t', logger) }
}

it.each<[ErrorCode, string]>([
  ['configuration', 'blocked'],
  ['authentication', 'blocked'],
  ['unsupported', 'blocked'],
  ['connection', 'degraded'],
  ['throttled', 'degraded'],
  ['timeout', 'degraded'],
  ['unknown', 'degraded'],
  ['record', 'starting'],
])('after %s it is %s', (code, status) => {
  const { delivery } = world()
  expect(delivery.health()).toEqual({ status: 'starting' })
  delivery.note(new EdsError(code, 'no luck'))
  expect(delivery.health().status).toBe(status)
})

it('reports what is wrong and what to do', () => {
  const { delivery } = world()
  expect(delivery.report()).toEqual({ state: 'untried', destination: 'projects/p/topics/t' })
  delivery.note(missing)
  expect(delivery.health()).toEqual({ status: 'blocked', reason: 'no topic: create it' })
  expect(delivery.report()).toMatchObject({ state: 'blocked', error: 'no topic', fix: 'create it' })
})

it('logs once that messages cannot be delivered, and that they can again', () => {
  const { delivery, lines } = world()
  for (const error of [missing, missing, undefined, undefined]) delivery.note(error)
  expect(delivery.health()).toEqual({ status: 'ok' })
  expect(lines).toEqual([
    'error messages cannot be delivered: no topic: create it; events are taken and kept',
    'info messages can be delivered again: projects/p/topics/t',
  ])
})

it('learns from messages, but not from one that was given up', async () => {
  const { delivery } = world()
  const { signal } = new AbortController()
  let failure: Error | undefined = missing
  const send = delivery.observe(async () => {
    if (failure) throw failure
  })
  await expect(send(message, signal, 'f')).rejects.toBe(missing)
  expect(delivery.report().state).toBe('blocked')
  failure = undefined
  await send(message, signal, 'f')
  expect(delivery.report().state).toBe('ok')
  failure = away
  await expect(send(message, AbortSignal.abort(), 'f')).rejects.toBe(away)
  expect(delivery.report().state).toBe('ok')
})

it('tries the destination at the start until it can be reached, and tells only what is new', async () => {
  const { delivery, lines } = world()
  const outcomes = [away, away, missing, missing, undefined]
  const pauses: number[] = []
  const sender = { connect: async () => outcomes.shift() }
  const clock = { sleep: async (ms: number) => void pauses.push(ms) }
  await tryDestination(sender, delivery, { clock, signal: new AbortController().signal })
  expect(pauses).toEqual([30_000, 30_000, 30_000, 30_000])
  expect(lines.map((line) => line.split(':')[0])).toEqual([
    'warn messages cannot be delivered yet',
    'error messages cannot be delivered',
    'info messages can be delivered again',
  ])
})

it('says nothing of an attempt that the end of the program broke off', async () => {
  const { delivery, lines } = world()
  const stop = new AbortController()
  const connect = async () => {
    stop.abort()
    return away
  }
  await tryDestination({ connect }, delivery, { clock: { sleep: async () => {} }, signal: stop.signal })
  expect([lines, delivery.report().state]).toEqual([[], 'untried'])
})
