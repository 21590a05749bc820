import type { Server as HttpServer } from 'node:http'
import { type DriverContext, EdsError, withDeadline } from '@eds/core'
import type { Server, ServerOptions } from 'socket.io'
import type { Authenticator } from '../auth/authenticate.js'
import { openAuthenticator } from '../auth/open.js'
import type { SocketioConfig } from '../config.js'
import { Crowd } from '../delivery/crowd.js'
import { FanOut } from '../delivery/fan-out.js'
import { ReplayLog } from '../delivery/replay.js'
import { toSocketioError } from '../errors.js'
import type { SocketioHooks } from '../socketio.js'
import { answerEvent } from './answer-event.js'
import { Connections } from './connections.js'
import { borrowServer, listenAt, type SocketHost } from './host-server.js'
import { connectAdapter } from './scale.js'

/** What a gateway is made of. */
export interface GatewayRequest {
  readonly config: SocketioConfig
  readonly context: DriverContext
  readonly hooks: SocketioHooks
}

/** A running socket.io server. The only file that starts and stops one. */
export class Gateway {
  readonly fanOut: FanOut
  readonly crowd: Crowd
  /** Port of a server of its own. */
  readonly port: number | undefined
  readonly #releases: readonly (() => Promise<void>)[]

  private constructor(parts: Pick<Gateway, 'fanOut' | 'crowd' | 'port'>, releases: readonly (() => Promise<void>)[]) {
    this.fanOut = parts.fanOut
    this.crowd = parts.crowd
    this.port = parts.port
    this.#releases = releases
  }

  /** Checks that tokens can be looked up, connects the adapter and accepts sockets. Rejects with `EdsError`, having undone all. */
  static async open(request: GatewayRequest, signal: AbortSignal): Promise<Gateway> {
    const releases: (() => Promise<void>)[] = []
    try {
      return await start(request, signal, releases, (parts) => new Gateway(parts, releases))
    } catch (error) {
      await releaseAll(releases)
      throw toSocketioError(error, 'starting')
    }
  }

  /** Disconnects all sockets. Does not throw. */
  async close(): Promise<void> {
    await releaseAll(this.#releases)
  }
}

async function start(
  { config, context, hooks }: GatewayRequest,
  signal: AbortSignal,
  releases: (() => Promise<void>)[],
  make: (parts: Pick<Gateway, 'fanOut' | 'crowd' | 'port'>) => Gateway,
): Promise<Gateway> {
  const authenticator = await openAuthenticator(config, hooks.authenticate)
  releases.push(() => authenticator.close())
  await authenticator.check(AbortSignal.any([signal, AbortSignal.timeout(config.timeoutMs)]))
  const scale = await connectAdapter(config, context.logger, signal)
  if (scale !== undefined) releases.push(scale.close)
  const log = scale === undefined ? openLog(config, context) : undefined
  const host = await openHost(config, context.httpServer, signal)
  releases.push(host.release)
  const server = await attach(host.server, config, await adapterOptions(scale?.adapter, log, config))
  releases.push(() => server.close())
  const crowd = new Crowd(config)
  const fanOut = new FanOut({ server, crowd, log, isShared: scale !== undefined })
  admit(server, { config, context, hooks, authenticator, crowd, log, fanOut })
  await scale?.ready()
  return make({ fanOut, crowd, port: host.port })
}

function openLog({ replaySeconds, replayBytes }: SocketioConfig, { clock }: DriverContext): ReplayLog | undefined {
  if (replaySeconds === 0 || replayBytes === 0) return undefined
  return new ReplayLog({ maxAgeMs: replaySeconds * 1_000, maxBytes: replayBytes, now: () => clock.now() })
}

async function openHost(
  config: SocketioConfig,
  owner: HttpServer | undefined,
  signal: AbortSignal,
): Promise<SocketHost> {
  if (config.port !== undefined) return listenAt(config.host, config.port, signal)
  if (owner !== undefined) return borrowServer(owner, config.path)
  throw new EdsError('configuration', 'socket.io: this program has no HTTP server to attach to', {
    fix: 'give the URL a host and a port of its own: socketio://0.0.0.0:3000',
  })
}

async function adapterOptions(
  scale: ServerOptions['adapter'] | undefined,
  log: ReplayLog | undefined,
  { replaySeconds }: SocketioConfig,
): Promise<Partial<ServerOptions>> {
  if (scale !== undefined) return { adapter: scale }
  if (log === undefined) return {}
  const { replayAdapter } = await import('./replay-adapter.js')
  const recovery = { maxDisconnectionDuration: replaySeconds * 1_000, skipMiddlewares: false }
  return { adapter: replayAdapter(log), connectionStateRecovery: recovery }
}

async function attach(http: HttpServer, config: SocketioConfig, options: Partial<ServerOptions>): Promise<Server> {
  const { Server } = await import('socket.io')
  const origins = config.cors.split(',').map((origin) => origin.trim())
  return new Server(http, {
    ...options,
    path: config.path,
    maxHttpBufferSize: config.maxMessageBytes,
    transports: config.transports === 'websocket' ? ['websocket'] : ['polling', 'websocket'],
    ...(config.cors === '' ? {} : { cors: { origin: origins.includes('*') ? '*' : origins } }),
  })
}

interface AdmitRequest extends GatewayRequest {
  readonly authenticator: Authenticator
  readonly crowd: Crowd
  readonly log: ReplayLog | undefined
  readonly fanOut: FanOut
}

function admit(server: Server, { config, context, hooks, authenticator, crowd, log, fanOut }: AdmitRequest): void {
  const { clock, logger } = context
  const { authenticate } = authenticator
  const onEvent = answerEvent({ config, hooks, clock, fanOut })
  const connections = new Connections({ config, authenticate, crowd, log, clock, logger, onEvent })
  server.use(connections.check)
  server.on('connection', connections.accept)
}

/** How long giving back one thing may take. */
const maxReleaseMs = 2_000

/** The last first. What does not answer any more, such as a Redis that is away, is left behind. */
async function releaseAll(releases: readonly (() => Promise<void>)[]): Promise<void> {
  for (const release of [...releases].reverse()) {
    await withDeadline(release, { timeoutMs: maxReleaseMs, what: 'socket.io: closing' }).catch(() => {})
  }
}
