import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Driver, type DriverContext, memoryState, systemClock } from '@eds/core'
import { batchOf } from '@eds/testkit'
import { io, type ManagerOptions, type Socket, type SocketOptions } from 'socket.io-client'
import {
  createSocketio,
  type EdsClientEvents,
  type EdsServerEvents,
  type Socketio,
  type SocketioHooks,
} from '../src/index.js'
import { eventOf } from './event.js'

export type Client = Socket<EdsServerEvents<Record<string, unknown>>, EdsClientEvents>

const never = new AbortController().signal

/** The token of each user is `token-<id>`; no other is good. */
const users: SocketioHooks = {
  authenticate: async (token) => (token.startsWith('token-') ? { userId: token.slice('token-'.length) } : undefined),
}

/** A driver on an HTTP server of the test's, and clients of it. */
export class Stage {
  readonly lines: string[] = []
  readonly counts: string[] = []
  readonly #clients: Client[] = []
  #sequence = 0

  private constructor(
    readonly socketio: Socketio,
    readonly driver: Driver,
    readonly http: Server,
    readonly url: string,
    lines: string[],
  ) {
    this.lines = lines
  }

  static async open(config: Record<string, unknown> = {}, hooks: SocketioHooks = users): Promise<Stage> {
    const http = createServer((request, response) => response.end(`host ${request.url}`))
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
    const socketio = createSocketio(hooks)
    const lines: string[] = []
    const driver = socketio.definition.create(socketio.definition.config.parse(config), contextOf(http, lines))
    await driver.connect(never)
    return new Stage(socketio, driver, http, `http://127.0.0.1:${(http.address() as AddressInfo).port}`, lines)
  }

  /** A client that has not been connected yet. */
  client(token: string | undefined, options: Partial<ManagerOptions & SocketOptions> = {}): Client {
    const auth = token === undefined ? {} : { token }
    const client: Client = io(this.url, {
      auth,
      forceNew: true,
      transports: ['websocket'],
      reconnectionDelay: 20,
      ...options,
    })
    this.#clients.push(client)
    return client
  }

  /** A client that has been let in. */
  async connected(token: string, options: Partial<ManagerOptions & SocketOptions> = {}): Promise<Client> {
    const client = this.client(token, options)
    await once(client, 'connected')
    return client
  }

  /** Changes of tables, as one batch. */
  async write(...changes: readonly Readonly<Record<string, unknown>>[]): Promise<void> {
    const events = changes.map((change) => eventOf(change, ++this.#sequence))
    await this.driver.write(batchOf(events), never)
  }

  async close(): Promise<void> {
    for (const client of this.#clients) client.disconnect()
    await this.driver.close()
    this.http.closeAllConnections()
    await new Promise((resolve) => this.http.close(resolve))
  }
}

function contextOf(httpServer: Server, lines: string[]): DriverContext {
  const log = (fields: object, message: string) => void lines.push(`${message} ${JSON.stringify(fields)}`)
  return {
    sink: 'test',
    session: 'test',
    logger: { debug: log, info: log, warn: log, error: log },
    clock: systemClock,
    random: Math.random,
    metrics: { count: () => {} },
    state: memoryState(),
    httpServer,
  }
}

/** The arguments of the next event of this name. */
export function once(client: Client, name: string): Promise<unknown[]> {
  return new Promise((resolve) => client.once(name as 'changes', (...values: unknown[]) => resolve(values)))
}

/** What a client gets from now on, without offsets, in order. */
export function recorded(client: Client): [name: string, message: Record<string, unknown>][] {
  const all: [string, Record<string, unknown>][] = []
  client.onAny((name: string, message: Record<string, unknown>) => all.push([name, message]))
  return all
}

/** Resolves when a client has got everything that was sent before: its own marker comes back behind it. */
export async function settled(stage: Stage, client: Client, userId: string): Promise<void> {
  const marker = new Promise<void>((resolve) => client.once('end of test' as 'changes', () => resolve()))
  await stage.socketio.publish(
    {
      id: 'end',
      table: 'end of test',
      type: 'insert',
      data: {},
      source: 'test',
      source_type: 'api',
      timestamp: 0,
      version: 1,
    },
    userId,
  )
  await marker
}
