import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/** Where a server listens. */
export interface TcpTarget {
  readonly host: string
  readonly port: number
}

/**
 * Stands between a driver or source and its server, and fails as it is told: what the suites' option `connection` asks for. Give the
 * driver `127.0.0.1` and {@link port} instead of the server's own address.
 *
 * ```ts
 * const proxy = await TcpProxy.to({ host: 'localhost', port: 6379 })
 * testDriver({ …, url: `my-db://127.0.0.1:${proxy.port}`, connection: proxy })
 * ```
 */
export class TcpProxy {
  readonly #target: TcpTarget
  readonly #sockets = new Set<Socket>()
  #server: Server | undefined
  #port = 0
  #stalled = false
  #unanswered: string | undefined

  private constructor(target: TcpTarget) {
    this.#target = target
  }

  /** Resolves when the proxy listens on a free port of the loopback interface. */
  static async to(target: TcpTarget): Promise<TcpProxy> {
    const proxy = new TcpProxy(target)
    await proxy.restore()
    return proxy
  }

  /** Stays the same for the life of the proxy. */
  get port(): number {
    return this.#port
  }

  /** Ends all connections and refuses new ones. */
  async break(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    server?.close()
    this.cut()
    if (server?.listening) await once(server, 'close')
  }

  /** Ends all connections; new ones are let through. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  /** From now on the server gets everything, and nothing that it answers comes back. */
  async stall(): Promise<void> {
    this.#stalled = true
  }

  /** Stalls at the next request that holds this text: the server does what is asked, and nobody hears of it. */
  dropAnswersTo(text: string): void {
    this.#unanswered = text
  }

  /** Lets everything through again. What was silent is cut, because bytes are missing there. */
  async restore(): Promise<void> {
    if (this.#stalled) this.cut()
    this.#stalled = false
    this.#unanswered = undefined
    if (this.#server !== undefined) return
    this.#server = createServer({ noDelay: true }, (client) => this.#join(client)).listen(this.#port, '127.0.0.1')
    await once(this.#server, 'listening')
    this.#port = (this.#server.address() as AddressInfo).port
  }

  /** Ends the proxy. Idempotent. */
  close(): Promise<void> {
    return this.break()
  }

  #join(client: Socket): void {
    const server = connect({ ...this.#target, noDelay: true })
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        this.#sockets.delete(socket)
        other.destroy()
      })
    }
    client.on('data', (data) => {
      this.#stalled ||= this.#unanswered !== undefined && data.includes(this.#unanswered)
      server.write(data)
    })
    server.on('data', (data) => {
      if (!this.#stalled) client.write(data)
    })
  }
}
