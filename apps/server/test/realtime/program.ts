import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { EdsClientEvents, EdsServerEvents } from '@eds/driver-socketio'
import { io, type Socket } from 'socket.io-client'
import { expect, onTestFinished } from 'vitest'
import { temporaryFolder } from '../eds.js'

const loader = fileURLToPath(new URL('../../../../test-loader.mjs', import.meta.url))
const script = fileURLToPath(new URL('./eds-program.ts', import.meta.url))

export interface Program {
  readonly child: ChildProcess
  readonly folder: string
  readonly output: () => string
  /** `http://127.0.0.1:port` of control, which without TLS serves everything. */
  readonly url: string
  readonly ended: Promise<number | null>
  /** Resolves when the output matches. */
  prints(pattern: RegExp): Promise<void>
}

export interface ProgramOptions {
  readonly environment: Readonly<Record<string, string>>
  readonly words?: readonly string[]
  /** Default: an own one. */
  readonly folder?: string
}

/** Runs `eds` as a process of its own; it is killed when the test ends. */
export function startProgram({ environment, words = ['realtime'], folder = temporaryFolder() }: ProgramOptions) {
  const { PATH = '', HOME = '' } = process.env
  const child = spawn(process.execPath, ['--conditions=@eds/source', '--import', loader, script, ...words], {
    cwd: folder,
    env: { PATH, HOME, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text))
  const ended = once(child, 'close').then(([code]) => code as number | null)
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await ended
  })
  const prints = (pattern: RegExp) => expect.poll(() => output).toMatch(pattern)
  return { child, folder, output: () => output, ended, prints }
}

/** Runs `eds realtime` on any port until its sinks run. */
export async function startRealtime(options: ProgramOptions): Promise<Program> {
  const environment = { PORT: '0', ...options.environment }
  const words = ['realtime', '--host', '127.0.0.1', ...(options.words ?? [])]
  const started = startProgram({ ...options, environment, words })
  await started.prints(/delivering from .*HTTP on|^error: /m)
  if (/^error: /m.test(started.output())) throw new Error(started.output())
  const { port } = JSON.parse(readFileSync(join(started.folder, 'data/control.json'), 'utf8'))
  const url = `http://127.0.0.1:${port}`
  return { ...started, url }
}

/** Waits until changes are captured, sockets are let in, and these other sinks get changes. */
export async function running({ url }: Pick<Program, 'url'>, others: readonly string[] = []): Promise<void> {
  const sinks = Object.fromEntries(['sockets', ...others].map((name) => [name, 'running']))
  await expect.poll(async () => (await fetch(`${url}/`)).json()).toMatchObject({ status: 'ok', sinks })
}

type Received = readonly [name: string, payload: Record<string, unknown>]

export interface Client {
  readonly socket: Socket<EdsServerEvents, EdsClientEvents>
  /** Every event so far, in order. */
  readonly received: readonly Received[]
  /** Events of a name so far. */
  of(name: string): readonly Record<string, unknown>[]
}

/** A client with a token; gone after the test. */
export function connectClient(url: string, token: string, options: object = {}): Client {
  const socket: Client['socket'] = io(url, { auth: { token }, forceNew: true, transports: ['websocket'], ...options })
  onTestFinished(() => void socket.disconnect())
  const received: Received[] = []
  socket.onAny((name: string, payload: Record<string, unknown>) => received.push([name, payload]))
  return {
    socket,
    received,
    of: (name) => received.flatMap(([of, payload]) => (of === name ? [payload] : [])),
  }
}

/** A client that was let in. */
export async function admitted(url: string, token: string): Promise<Client> {
  const client = connectClient(url, token)
  await expect.poll(() => client.of('connected').length).toBe(1)
  return client
}
