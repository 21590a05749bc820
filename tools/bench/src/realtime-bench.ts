import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { startMariadb, startPostgres } from '@eds/tool-services'
import pg from 'pg'
import { io } from 'socket.io-client'
import type { BenchScale } from './command-line.js'
import { openMysqlStage, openPostgresStage, type RealtimeStage } from './realtime-stage.js'
import { type BenchRow, median, percentile, row } from './result.js'

const port = 23_918
const changesPerSecond = 100
const gibibyte = 2 ** 30

interface Mode {
  readonly name: string
  readonly open: () => Promise<RealtimeStage>
}

/**
 * From sending a change to a database until a client of socket.io has it, at 100 changes/s; beside a bare LISTEN and NOTIFY. Then changes
 * through a replication slot into one and many sockets, as fast as they go. Servers and clients share the machine.
 */
export async function realtimeBench(scale: BenchScale, report: (row: BenchRow) => void): Promise<void> {
  const postgres = await startPostgres()
  const mariadb = await startMariadb()
  try {
    const modes: Mode[] = [
      ...(['replication', 'triggers'] as const).map((mode) => ({
        name: `PostgreSQL ${mode}`,
        open: () => openPostgresStage(postgres.url, mode, port),
      })),
      ...(['binlog', 'triggers'] as const).map((mode) => ({
        name: `MariaDB ${mode}`,
        open: () => openMysqlStage(mariadb.url, mode, port),
      })),
    ]
    await reportLatencies(modes, postgres.url, scale, report)
    await reportRates(modes[0], scale, report)
  } finally {
    await Promise.all([postgres.remove(), mariadb.remove()])
  }
}

async function reportLatencies(
  modes: readonly Mode[],
  notifyUrl: string,
  { quick, rounds }: BenchScale,
  report: (row: BenchRow) => void,
): Promise<void> {
  const changes = quick ? 200 : 1_000
  const plain: number[][] = []
  for (let round = 0; round < rounds; round++) plain.push(await notifyLatencies(notifyUrl, changes))
  for (const { name, open } of modes) {
    const measured: number[][] = []
    for (let round = 0; round < rounds; round++) measured.push(await socketLatencies(await open(), changes))
    for (const [label, share] of [
      ['p50', 0.5],
      ['p99', 0.99],
    ] as const) {
      const values = measured.map((latencies) => percentile(latencies, share))
      const naive = median(plain.map((latencies) => percentile(latencies, share)))
      report(row('realtime', `${name}, change to client ${label}`, 'ms', values, { naive }))
    }
  }
}

async function socketLatencies(stage: RealtimeStage, changes: number): Promise<number[]> {
  const socket = io(`http://127.0.0.1:${stage.port}`, { auth: { token: 'x' }, transports: ['websocket'] })
  try {
    await new Promise((resolve) => socket.once('connected', resolve))
    return await latencies(
      changes,
      (id) => stage.run(`INSERT INTO bench_change VALUES (${id}, 'a change')`),
      (arrived) => socket.on('changes', ({ data }: { data: { id: number } }) => arrived(data.id)),
    )
  } finally {
    socket.disconnect()
    await stage.close()
  }
}

/** The plain way; stays as it is. */
async function notifyLatencies(url: string, changes: number): Promise<number[]> {
  const [sender, listener] = [new pg.Client(url), new pg.Client(url)]
  await Promise.all([sender.connect(), listener.connect()])
  await listener.query('LISTEN bench_change')
  try {
    return await latencies(
      changes,
      (id) => sender.query(`SELECT pg_notify('bench_change', '${id}')`),
      (arrived) => listener.on('notification', ({ payload }) => arrived(Number(payload))),
    )
  } finally {
    await Promise.all([sender.end(), listener.end()])
  }
}

/** Milliseconds from sending each change until it arrived. */
async function latencies(
  changes: number,
  send: (id: number) => Promise<unknown>,
  listen: (arrived: (id: number) => void) => void,
): Promise<number[]> {
  const sentAt: number[] = []
  const measured: number[] = []
  const done = new Promise<void>((resolve) => {
    listen((id) => {
      measured.push(performance.now() - (sentAt[id] ?? Number.NaN))
      if (measured.length === changes) resolve()
    })
  })
  const startedAt = performance.now()
  for (let id = 0; id < changes; id++) {
    await setTimeout(startedAt + (id * 1_000) / changesPerSecond - performance.now())
    sentAt[id] = performance.now()
    await send(id)
  }
  await done
  return measured
}

async function reportRates(
  mode: Mode | undefined,
  { quick, rounds }: BenchScale,
  report: (row: BenchRow) => void,
): Promise<void> {
  if (mode === undefined) return
  for (const [sockets, changes] of [
    [1, quick ? 5_000 : 20_000],
    [1_000, quick ? 100 : 500],
  ] as const) {
    const rates: number[] = []
    const perGibibyte: number[] = []
    for (let round = 0; round < rounds; round++) {
      const measured = await sustained(await mode.open(), sockets, changes)
      rates.push(measured.rate)
      perGibibyte.push(measured.socketsPerGibibyte)
    }
    report(row('realtime', `${mode.name} into ${sockets} sockets`, 'changes/s', rates))
    if (sockets > 1) report(row('realtime', `sockets held per GiB, of ${sockets}`, 'sockets', perGibibyte))
  }
}

async function sustained(stage: RealtimeStage, sockets: number, changes: number) {
  const before = process.memoryUsage.rss()
  const clients = await startClients(stage.port, sockets)
  const socketsPerGibibyte = (sockets * gibibyte) / Math.max(1, process.memoryUsage.rss() - before)
  const done = once(clients, 'message')
  const startedAt = performance.now()
  const note = `'${'x'.repeat(500)}'`
  await stage.run(`INSERT INTO bench_change SELECT n, ${note} FROM generate_series(1, ${changes - 1}) n`)
  await stage.run(`INSERT INTO bench_change VALUES (0, 'the-last-change')`)
  await done
  const seconds = (performance.now() - startedAt) / 1_000
  const gone = once(clients, 'exit')
  clients.disconnect()
  await gone
  await stage.close()
  return { rate: changes / seconds, socketsPerGibibyte }
}

async function startClients(serverPort: number, sockets: number): Promise<ChildProcess> {
  const script = fileURLToPath(new URL('./socketio-clients.js', import.meta.url))
  const clients = fork(script, [String(serverPort), String(sockets)])
  await once(clients, 'message')
  return clients
}
