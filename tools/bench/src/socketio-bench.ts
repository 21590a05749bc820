import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { type ChangeEvent, type Driver, decodeEvent, memoryState, padSequence, systemClock } from '@eds/core'
import { createSocketio } from '@eds/driver-socketio'
import { Server } from 'socket.io'
import type { BenchScale } from './command-line.js'
import { type BenchRow, median, row } from './result.js'
import { benchEvents } from './workload.js'

const batchSize = 250
const port = 23_917
const { signal } = new AbortController()

/** Sends a batch; resolves when it may go on. */
type Send = (events: readonly ChangeEvent[]) => Promise<unknown>

interface Sender {
  readonly send: Send
  close(): Promise<unknown>
}

/** Changes into one and into many sockets, until all have the last one; beside a plain `emit` per socket. Clients share the machine. */
export async function socketioBench({ quick, rounds }: BenchScale, report: (row: BenchRow) => void): Promise<void> {
  const many = quick ? 200 : 1_000
  for (const [sockets, count] of [
    [1, quick ? 5_000 : 20_000],
    [many, quick ? 100 : 300],
  ] as const) {
    const events = eventsOf(count)
    const plain: number[] = []
    const driver: number[] = []
    const kilobytes: number[] = []
    for (let round = 0; round < rounds; round++) {
      plain.push((await measure(openPlain, sockets, events)).rate)
      const measured = await measure(openDriver, sockets, events)
      driver.push(measured.rate)
      kilobytes.push(measured.kilobytesPerSocket)
    }
    report(row('socketio', `changes into ${sockets} sockets`, 'changes/s', driver, { naive: median(plain) }))
    if (sockets > 1) report(row('socketio', `memory of one of ${sockets} idle sockets`, 'KB', kilobytes))
  }
}

function eventsOf(count: number): ChangeEvent[] {
  const end = {
    operation: 'INSERT',
    id: 'end',
    table: 'end',
    key: [],
    modelVersion: '1',
    after: { id: 'the-last-change' },
    timestamp: 1,
  }
  const last = { bytes: Buffer.from(JSON.stringify({ ...end, mvccTimestamp: '1.0' })) }
  return [...benchEvents(count), last].map(({ bytes }, index) =>
    decodeEvent({ position: padSequence(index + 1), bytes, time: 0 }),
  )
}

async function measure(
  open: (events: readonly ChangeEvent[]) => Promise<Sender>,
  sockets: number,
  events: readonly ChangeEvent[],
) {
  const sender = await open(events)
  const before = process.memoryUsage.rss()
  const clients = await startClients(sockets)
  const kilobytesPerSocket = (process.memoryUsage.rss() - before) / sockets / 1024
  const startedAt = performance.now()
  const done = once(clients, 'message')
  for (let from = 0; from < events.length; from += batchSize) await sender.send(events.slice(from, from + batchSize))
  await done
  const seconds = (performance.now() - startedAt) / 1000
  const gone = once(clients, 'exit')
  clients.disconnect()
  await gone
  await sender.close()
  return { rate: events.length / seconds, kilobytesPerSocket }
}

async function startClients(sockets: number): Promise<ChildProcess> {
  const script = fileURLToPath(new URL('./socketio-clients.js', import.meta.url))
  const clients = fork(script, [String(port), String(sockets)])
  await once(clients, 'message')
  return clients
}

async function openDriver(events: readonly ChangeEvent[]): Promise<Sender> {
  const { definition } = createSocketio({ authenticate: async (token) => ({ userId: token }) })
  const routing = Object.fromEntries([...new Set(events.map(({ table }) => table))].map((table) => [table, '*']))
  const logger = { debug() {}, info() {}, warn() {}, error() {} }
  const driver: Driver = definition.create(definition.config.parse({ host: '127.0.0.1', port, routing }), {
    ...{ sink: 'bench', session: 'bench', logger, clock: systemClock, random: Math.random },
    ...{ metrics: { count() {} }, state: memoryState() },
  })
  await driver.connect(signal)
  const send: Send = (batch) => {
    const bytes = batch.reduce((sum, event) => sum + event.bytes.length, 0)
    return driver.write(
      { events: batch, bytes, first: batch[0]?.position ?? '', last: batch.at(-1)?.position ?? '' },
      signal,
    )
  }
  return { send, close: () => driver.close() }
}

/** The plain way; stays as it is. */
async function openPlain(): Promise<Sender> {
  const server = new Server(port)
  server.on('connection', (socket) => socket.emit('connected', {}))
  const send: Send = async (batch) => {
    for (const { bytes } of batch) {
      const { id, table, after, before, timestamp } = JSON.parse(Buffer.from(bytes).toString())
      const message = {
        id,
        table,
        type: 'update',
        data: after ?? before,
        source: 'x',
        source_type: 'database',
        timestamp,
        version: 1,
      }
      for (const socket of server.sockets.sockets.values()) {
        socket.emit(table, message)
        socket.emit('changes', message)
      }
    }
    await new Promise((resolve) => setImmediate(resolve))
  }
  return { send, close: () => server.close() }
}
