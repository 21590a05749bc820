import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { BenchScale } from './command-line.js'
import { type BenchRow, percentile, row } from './result.js'

const program = fileURLToPath(new URL('../../../apps/server/bin/eds.js', import.meta.url))
const eventsPerSecond = 5_000
const clients = 8
const perWindow = 50
const endpoints = ['a', 'b', 'c', 'd']

const config = {
  serviceName: 'bench',
  trigger: { type: 'window', observationPeriod: 3_600 },
  endpoints: endpoints.map((eventKey) => ({ eventKey, minNbOfOccurrence: perWindow, eventToSend: 'BOUNDARIES' })),
}

/** `eds sync` as a process, fed at a steady rate; each answer waits for its event to be durable, and for the message if it set one off. */
export async function syncBench({ quick }: BenchScale, report: (row: BenchRow) => void): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'eds-bench-sync-'))
  const startedAt = performance.now()
  const child = start(folder)
  try {
    const port = await listening(child)
    report(row('sync', 'start to listening', 'ms', [performance.now() - startedAt]))
    const load = await feed(port, quick ? 5 : 60, () => residentMegabytes(child))
    report(row('sync', 'answered', 'events/s', [load.rate], { limit: eventsPerSecond }))
    report(row('sync', 'HTTP answer p50', 'ms', [percentile(load.latencies, 0.5)]))
    report(row('sync', 'HTTP answer p99', 'ms', [percentile(load.latencies, 0.99)]))
    report(row('sync', 'memory after a quarter, and at the end', 'MB', load.memory))
    child.kill('SIGTERM')
    await once(child, 'close')
    const messages = await sentMessages(join(folder, 'out'))
    const ids = messages.map(({ eventID }) => eventID)
    report(row('sync', 'windows sent', 'windows', [ids.length]))
    report(row('sync', 'ids sent twice', 'windows', [ids.length - new Set(ids).size]))
    report(row('sync', 'windows missed', 'windows', [missed(messages, load.latencies.length / endpoints.length)]))
  } finally {
    child.kill('SIGKILL')
    await rm(folder, { recursive: true })
  }
}

function start(folder: string): ChildProcess {
  const words = ['sync', '--port', '0', '--host', '127.0.0.1', '--sink', `file://${folder}/out?format=ndjson`]
  const env = { ...process.env, NODE_OPTIONS: '', CONFIG: JSON.stringify(config) }
  return spawn(process.execPath, [program, ...words], { cwd: folder, env, stdio: ['ignore', 'ignore', 'pipe'] })
}

async function listening(child: ChildProcess): Promise<number> {
  let output = ''
  for await (const text of child.stderr ?? []) {
    output += String(text)
    const port = /listening on \S+ port (\d+)/.exec(output)?.[1]
    if (port === undefined) continue
    return Number(port)
  }
  throw new Error(`eds sync ended: ${output}`)
}

/** Every client sends when it is time to, whether or not earlier requests were answered. */
async function feed(port: number, seconds: number, memory: () => number) {
  const agents = Array.from({ length: clients }, () => new Agent({ keepAlive: true, maxSockets: 32 }))
  const latencies: number[] = []
  const open: Promise<void>[] = []
  const startedAt = performance.now()
  const total = seconds * eventsPerSecond
  let early = 0
  for (let sent = 0; sent < total; ) {
    const due = Math.min(total, Math.floor(((performance.now() - startedAt) / 1_000) * eventsPerSecond))
    for (; sent < due; sent++) {
      const path = `/event/${endpoints[sent % endpoints.length]}`
      open.push(post(port, path, agents[(sent >> 2) % clients]).then((ms) => void latencies.push(ms)))
      if (sent === Math.floor(total / 4)) early = memory()
    }
    await sleep(1)
  }
  await Promise.all(open)
  const rate = latencies.length / ((performance.now() - startedAt) / 1_000)
  const late = memory()
  for (const agent of agents) agent.destroy()
  return { latencies, rate, memory: [early, late] }
}

function post(port: number, path: string, agent: Agent | undefined): Promise<number> {
  const startedAt = performance.now()
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', port, path, method: 'POST', agent }, (answer) => {
      answer.resume()
      answer.on('end', () => {
        if (answer.statusCode === 200) resolve(performance.now() - startedAt)
        else reject(new Error(`answered ${answer.statusCode}`))
      })
    })
    outgoing.on('error', reject)
    outgoing.end('an event')
  })
}

function residentMegabytes({ pid }: ChildProcess): number {
  const kilobytes = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(kilobytes) / 1_024
}

interface SentMessage {
  readonly eventID: string
  readonly events: Readonly<Record<string, { readonly numberOfEvents: number }>>
}

async function sentMessages(folder: string): Promise<SentMessage[]> {
  const files = await readdir(folder, { recursive: true })
  const texts = await Promise.all(
    files.filter((file) => file.endsWith('.ndjson')).map((file) => readFile(join(folder, file), 'utf8')),
  )
  return texts.flatMap((text) => text.trimEnd().split('\n')).map((line) => JSON.parse(line))
}

/** Windows that would be complete with the events that no message has. */
function missed(messages: readonly SentMessage[], perEndpoint: number): number {
  const left = endpoints.map((key) =>
    messages.reduce((count, { events }) => count - (events[key]?.numberOfEvents ?? 0), perEndpoint),
  )
  return Math.floor(Math.min(...left) / perWindow)
}
