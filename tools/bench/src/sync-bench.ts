import { fork } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { serviceUrl } from '@eds/tool-services'
import type { BenchScale } from './command-line.js'
import { serverCpuMicros } from './cpu.js'
import type { LoadReport, LoadTask } from './http-load.js'
import { type BenchRow, row } from './result.js'
import { ServerProgram } from './server-program.js'
import { type SyncMessage, syncTopic } from './sync-topic.js'

const pathOf = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))
const project = 'eds-bench'
const perSecond = 5_000
const clients = 8
/** Kept connections of each client: as many requests may it have under way. */
const perClient = 8
const perWindow = 50
const endpoints = ['a', 'b', 'c', 'd']

type Report = (row: BenchRow) => void

/**
 * `eds sync` as a process, publishing to Pub/Sub and fed at a steady rate by another process; each answer waits for its event to be
 * durable, and for the message if it set one off. Beside it, a server that only answers.
 */
export async function syncBench({ quick }: BenchScale, report: Report): Promise<void> {
  const url = await serviceUrl('pubsub')
  if (url === undefined) throw new Error('there is no Pub/Sub server: npm run services:up pubsub says why')
  const folder = await mkdtemp(join(tmpdir(), 'eds-bench-sync-'))
  try {
    const bare = await benchBare(folder, quick ? 3 : 10, report)
    await benchSync(new URL(url), folder, { seconds: quick ? 5 : 60, bare, report })
    await benchStart(folder, quick ? 3 : 10, report)
  } finally {
    await rm(folder, { recursive: true })
  }
}

interface Measured extends LoadReport {
  readonly serverMicros: number
}

async function benchBare(folder: string, seconds: number, report: Report): Promise<Measured> {
  const server = await ServerProgram.start([pathOf('./bare-http.js')], folder)
  try {
    const measured = await measure(server, { seconds, connections: clients * perClient })
    report(row('sync', 'server that only answers, p99 of the answer', 'ms', [measured.sinceSent.p99]))
    return measured
  } finally {
    await server.stop()
  }
}

interface SyncRun {
  readonly seconds: number
  readonly bare: Measured
  readonly report: Report
}

async function benchSync(pubsub: URL, folder: string, { seconds, bare, report }: SyncRun): Promise<void> {
  const topic = await syncTopic(pubsub.host, project)
  const server = await startSync(folder, { topic: topic.path, emulator: pubsub.host })
  const fakeMicros = () => serverCpuMicros('pubsub-fake', Number(pubsub.port))
  try {
    const alone = await measure(server, { seconds: Math.ceil(seconds / 10), connections: clients })
    report(
      row('sync', 'answered, each client one request at a time', 'events/s', [alone.perSecond], { limit: perSecond }),
    )
    const fakeBefore = fakeMicros()
    const memory: number[] = []
    const watch = watchMemory(server, seconds, memory)
    const load = await measure(server, { seconds, connections: clients * perClient })
    await watch
    reportLoad(load, bare, report)
    report(row('sync', 'Pub/Sub server, CPU', 'µs/event', [(fakeMicros() - fakeBefore) / load.answered]))
    report(row('sync', 'memory after a quarter, and at the end', 'MB', memory))
    await server.stop()
    reportWindows(await topic.messages(), (alone.answered + load.answered) / endpoints.length, report)
  } finally {
    await server.stop()
    await topic.remove()
  }
}

function reportLoad(load: Measured, bare: Measured, report: Report): void {
  report(row('sync', 'answered', 'events/s', [load.perSecond], { limit: perSecond }))
  report(row('sync', 'answer p50, since it was due', 'ms', [load.sinceDue.p50], { naive: bare.sinceDue.p50 }))
  report(row('sync', 'answer p99, since it was due', 'ms', [load.sinceDue.p99], { naive: bare.sinceDue.p99 }))
  report(row('sync', 'answer p50, since it was sent', 'ms', [load.sinceSent.p50], { naive: bare.sinceSent.p50 }))
  report(row('sync', 'answer p99, since it was sent', 'ms', [load.sinceSent.p99], { naive: bare.sinceSent.p99 }))
  report(row('sync', 'server, CPU', 'µs/event', [load.serverMicros], { naive: bare.serverMicros }))
  report(row('sync', 'client, CPU', 'µs/event', [load.cpuMicrosPerRequest]))
}

function reportWindows(messages: readonly SyncMessage[], perEndpoint: number, report: Report): void {
  const ids = messages.map(({ eventID }) => eventID)
  report(row('sync', 'windows sent', 'windows', [ids.length]))
  report(row('sync', 'ids sent twice', 'windows', [ids.length - new Set(ids).size]))
  report(row('sync', 'windows missed', 'windows', [missed(messages, perEndpoint)]))
}

async function benchStart(folder: string, rounds: number, report: Report): Promise<void> {
  const starts: number[] = []
  for (let round = 0; round < rounds; round++) {
    const server = await startSync(folder, { topic: `projects/${project}/topics/none`, emulator: '127.0.0.1:1' })
    starts.push(server.startMs)
    await server.stop()
  }
  report(row('sync', 'start to listening', 'ms', starts))
}

function startSync(folder: string, { topic, emulator }: { topic: string; emulator: string }): Promise<ServerProgram> {
  const config = {
    serviceName: 'bench',
    trigger: { type: 'window', observationPeriod: 3_600 },
    endpoints: endpoints.map((eventKey) => ({ eventKey, minNbOfOccurrence: perWindow, eventToSend: 'BOUNDARIES' })),
    targetPubSub: { topic },
  }
  const words = ['sync', '--store', 'lmdb', '--port', '0', '--host', '127.0.0.1']
  const environment = { CONFIG: JSON.stringify(config), PROJECT_ID: project, PUBSUB_EMULATOR_HOST: emulator }
  return ServerProgram.start([pathOf('../../../apps/server/bin/eds.js'), ...words], folder, environment)
}

async function measure(server: ServerProgram, size: Pick<LoadTask, 'seconds' | 'connections'>): Promise<Measured> {
  const before = server.cpuMicros
  const paths = endpoints.map((key) => `/event/${key}`)
  const load = await loadProcess({ port: server.port, paths, perSecond, ...size })
  return { ...load, serverMicros: (server.cpuMicros - before) / load.answered }
}

function loadProcess(task: LoadTask): Promise<LoadReport> {
  return new Promise((resolve, reject) => {
    const child = fork(pathOf('./http-load-process.js'), [JSON.stringify(task)])
    child.once('message', (message) => resolve(message as LoadReport))
    child.once('exit', (code) => reject(new Error(`the load ended with exit code ${code}`)))
  })
}

async function watchMemory(server: ServerProgram, seconds: number, memory: number[]): Promise<void> {
  for (const share of [0.25, 0.7]) {
    await sleep(seconds * 1_000 * share)
    memory.push(server.residentMegabytes)
  }
}

/** Windows that would be complete with the events that no message has. */
function missed(messages: readonly SyncMessage[], perEndpoint: number): number {
  const left = endpoints.map((key) =>
    messages.reduce((count, { events }) => count - (events[key]?.numberOfEvents ?? 0), perEndpoint),
  )
  return Math.floor(Math.min(...left) / perWindow)
}
