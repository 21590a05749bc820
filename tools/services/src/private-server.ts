import { mkdtempSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureExecutable } from './engine.js'
import { nats } from './nats.js'
import { record, releasePort, reservePort, sweepAbandoned } from './port-reservation.js'
import { postgres } from './postgres.js'
import { isRunning, type ProcessIdentity } from './process-identity.js'
import { logFile, makeInstance, startProcess, stopProcess } from './server-process.js'
import type { Instance, ServiceDefinition } from './service-definition.js'

/**
 * A server of the test's own, on a free loopback port with a data folder of its own; the test removes it at its end.
 * What a crashed test leaves behind is swept up by the next one, by `npm test` and by `services:down`.
 */
export interface PrivateServer {
  readonly url: string
  readonly port: number
  /** The server's output. */
  readonly logFile: string
  /** Starts it again on the same data and port; harmless when it runs. */
  start(): Promise<void>
  /** Clean shutdown; the data stays. Harmless when it does not run. */
  stop(): Promise<void>
  /** SIGKILL to the server and its children; the data stays. Harmless when it does not run. */
  kill(): Promise<void>
  /** {@link stop} (or {@link kill}, with `SIGKILL`), then {@link start}. */
  restart(signal?: 'SIGKILL'): Promise<void>
  /** Kills it, deletes its data and gives the port back. Idempotent. */
  remove(): Promise<void>
}

/** Options of a private NATS server; JetStream is on. */
export interface NatsOptions {
  /** Text of a configuration file, for accounts, users and permissions. Address, port and store stay ours. */
  readonly config?: string
  /** Appended to the command line. */
  readonly args?: readonly string[]
}

/** Options of a private PostgreSQL server. */
export interface PostgresOptions {
  /** Appended to the command line, such as `['-c', 'max_connections=20']`. */
  readonly args?: readonly string[]
}

/** Starts a throw-away NATS server. Rejects with the end of its log when it does not start. */
export function startNats(options: NatsOptions = {}): Promise<PrivateServer> {
  return startPrivately(nats, async (folder) => {
    const { config, args = [] } = options
    if (config === undefined) return args
    const file = join(folder, 'nats.conf')
    await writeFile(file, config)
    return ['-c', file, ...args]
  })
}

/** Starts a throw-away PostgreSQL cluster; takes about two seconds. Rejects with the end of its log. */
export function startPostgres(options: PostgresOptions = {}): Promise<PrivateServer> {
  return startPrivately(postgres, async () => options.args ?? [])
}

/** Starts a throw-away server of any kind; `argumentsFor` is told its data folder. */
export async function startPrivately(
  service: ServiceDefinition,
  argumentsFor: (folder: string) => Promise<readonly string[]>,
): Promise<PrivateServer> {
  await sweepAbandoned()
  const executable = await ensureExecutable(service)
  const folder = mkdtempSync(join(tmpdir(), `eds-${service.name}-`))
  const port = await reservePort(folder)
  const extraArguments = await argumentsFor(folder)
  const server = privateServer(service, makeInstance(service, { executable, folder, port, extraArguments }))
  try {
    await server.start()
    return server
  } catch (error) {
    await server.remove()
    throw error
  }
}

function privateServer(service: ServiceDefinition, instance: Instance): PrivateServer {
  const { port, folder } = instance
  let server: ProcessIdentity | undefined
  const remember = async (identity: ProcessIdentity) => {
    server = identity
    await record(port, { folder, server })
  }
  const end = async (signal: NodeJS.Signals) => {
    if (server) await stopProcess(server, signal)
  }
  const start = async () => {
    if (!server || !isRunning(server)) await startProcess(service, instance, remember)
  }
  return {
    url: service.url(port),
    port,
    logFile: logFile(folder),
    start,
    stop: () => end(service.native.stopSignal),
    kill: () => end('SIGKILL'),
    restart: async (signal) => {
      await end(signal ?? service.native.stopSignal)
      await start()
    },
    remove: async () => {
      await end('SIGKILL')
      await rm(folder, { recursive: true, force: true })
      await releasePort(port)
    },
  }
}
