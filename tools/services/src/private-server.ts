import { mkdtempSync, rmSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureExecutable } from './engine.js'
import { freePort } from './free-port.js'
import { nats } from './nats.js'
import { postgres } from './postgres.js'
import { isRunning, type ProcessIdentity, processTree } from './process-identity.js'
import { logFile, makeInstance, startProcess, stopProcess } from './server-process.js'
import type { Instance, ServiceDefinition } from './service-definition.js'

/** A server of the test's own, on a free loopback port with a data folder of its own. Ends with the test's process. */
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
  /** Kills it and deletes its data. Idempotent. */
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

async function startPrivately(
  service: ServiceDefinition,
  argumentsFor: (folder: string) => Promise<readonly string[]>,
): Promise<PrivateServer> {
  const executable = await ensureExecutable(service)
  const folder = mkdtempSync(join(tmpdir(), `eds-${service.name}-`))
  const extraArguments = await argumentsFor(folder)
  const instance = makeInstance(service, { executable, folder, port: await freePort(), extraArguments })
  const server = privateServer(service, instance)
  try {
    await server.start()
    return server
  } catch (error) {
    await server.remove()
    throw error
  }
}

function privateServer(service: ServiceDefinition, instance: Instance): PrivateServer {
  let identity: ProcessIdentity | undefined
  const end = async (signal: NodeJS.Signals) => {
    if (identity) await stopProcess(identity, signal)
  }
  const start = async () => {
    if (!identity || !isRunning(identity)) identity = await startProcess(service, instance)
  }
  const onExit = () => removeNow(identity, instance.folder)
  process.once('exit', onExit)
  return {
    url: service.url(instance.port),
    port: instance.port,
    logFile: logFile(instance.folder),
    start,
    stop: () => end(service.native.stopSignal),
    kill: () => end('SIGKILL'),
    restart: async (signal = undefined) => {
      await end(signal ?? service.native.stopSignal)
      await start()
    },
    remove: async () => {
      process.off('exit', onExit)
      await end('SIGKILL')
      rmSync(instance.folder, { recursive: true, force: true })
    },
  }
}

/** For a process that ends without having removed its server: nothing asynchronous can run any more. */
function removeNow(identity: ProcessIdentity | undefined, folder: string): void {
  const tree = identity && isRunning(identity) ? processTree(identity) : []
  for (const { pid } of tree) process.kill(pid, 'SIGKILL')
  rmSync(folder, { recursive: true, force: true })
}
