import { headers, type Msg, type Subscription } from 'nats'
import { beforeEach, expect, it } from 'vitest'
import { PullLine, type PullListener } from '../src/pull-line.js'

let log: string[]
let requests: { readonly inbox: string; readonly body: object }[]
let receive: (message: Msg) => void
let line: PullLine

beforeEach(() => {
  log = []
  requests = []
  const connection = {
    where: 'nats://localhost',
    createInbox: () => '_INBOX.x',
    subscribe: (_subject: string, callback: (error: Error | null, message: Msg) => void) => {
      receive = (message) => callback(null, message)
      return { unsubscribe: () => log.push('unsubscribed') } as unknown as Subscription
    },
    publish: (_subject: string, payload: Uint8Array, options?: { readonly reply?: string }) => {
      requests.push({ inbox: options?.reply ?? '', body: JSON.parse(Buffer.from(payload).toString()) as object })
    },
  }
  const listener: PullListener = {
    onDelivery: () => log.push('delivery'),
    onHeartbeat: (last) => log.push(`heartbeat ${last}`),
    onStatus: (status) => log.push(status),
    onRefused: () => log.push('refused'),
  }
  line = new PullLine(connection, { stream: 's', consumer: 'c', expiresMs: 30_000, heartbeatMs: 5_000 }, listener)
})

function deliver(size = 100): void {
  receive({ subject: 'dbchange.a', reply: '$JS.ACK.s.c.1.1.1.1.0', size: () => size } as unknown as Msg)
}

function status(
  code: number,
  description: string,
  fields: Record<string, string> = {},
  request = requests.length,
): void {
  const all = headers(code, description)
  for (const [name, value] of Object.entries(fields)) all.set(name, value)
  receive({ subject: `_INBOX.x.${request}`, headers: all, data: new Uint8Array() } as unknown as Msg)
}

it('asks with an inbox of its own for each request', () => {
  line.request(10, 5_000)
  line.request(1)
  expect(requests).toEqual([
    { inbox: '_INBOX.x.1', body: { batch: 10, expires: 30e9, idle_heartbeat: 5e9, max_bytes: 5_000 } },
    { inbox: '_INBOX.x.2', body: { batch: 1, expires: 30e9, idle_heartbeat: 5e9 } },
  ])
})

it('is open until the last message came', () => {
  line.request(2)
  deliver()
  expect(line.isOpen).toBe(true)
  deliver()
  expect(line.isOpen).toBe(false)
})

it('is open until the last byte came', () => {
  line.request(10, 200)
  deliver()
  expect(line.isOpen).toBe(true)
  deliver()
  expect(line.isOpen).toBe(false)
})

it('ends with a status, after the deliveries that it overtook', () => {
  line.request(10, 5_000)
  deliver()
  status(409, 'Message Size Exceeds MaxBytes', { 'Nats-Pending-Messages': '7' })
  expect(log).toEqual(['delivery'])
  deliver()
  expect(line.isOpen).toBe(true)
  deliver()
  expect(log).toEqual(['delivery', 'delivery', 'delivery', 'too-large'])
  expect(line.isOpen).toBe(false)
})

it('ends at once with a status that overtook nothing, or says nothing of it', () => {
  line.request(10)
  status(408, 'Request Timeout', { 'Nats-Pending-Messages': '10' })
  line.request(10)
  status(409, 'Exceeded MaxWaiting')
  expect(log).toEqual(['ended', 'busy'])
})

it('ignores what is said about a former request', () => {
  line.request(1, 5_000)
  deliver()
  line.request(10)
  status(409, 'Batch Completed', { 'Nats-Pending-Messages': '0' }, 1)
  expect(log).toEqual(['delivery'])
  expect(line.isOpen).toBe(true)
})

it('tells at once that the consumer is gone, whichever request it was said to', () => {
  line.request(10)
  line.request(10)
  status(409, 'Consumer Deleted', { 'Nats-Pending-Messages': '3' }, 1)
  expect(log).toEqual(['gone'])
})

it('passes on heartbeats with the newest delivery', () => {
  line.request(10)
  status(100, 'Idle Heartbeat', { 'Nats-Last-Consumer': '42', 'Nats-Last-Stream': '7' })
  expect(log).toEqual(['heartbeat 42'])
  expect(line.isOpen).toBe(true)
})

it('is not open when it is closed', () => {
  line.request(10)
  line.close()
  expect(line.isOpen).toBe(false)
  expect(log).toEqual(['unsubscribed'])
})
