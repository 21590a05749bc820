import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/** Stands between a client and a server on loopback, and can cut the wire, or let it go dead. */
export class LoopbackProxy {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #isMute = false
  #isBlocked = false

  private constructor(server: Server) {
    this.#server = server
  }

  static async to(url: string): Promise<LoopbackProxy> {
    const { hostname, port } = new URL(url)
    const server = createServer({ noDelay: true })
    const proxy = new LoopbackProxy(server)
    server.on('connection', (client) => {
      if (proxy.#isBlocked) client.destroy()
      else proxy.#join(client, connect({ host: hostname, port: Number(port), noDelay: true }))
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    return proxy
  }

  get url(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Breaks every connection. New ones are let through. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  /** Breaks every connection and lets none through until {@link unblock}. */
  block(): void {
    this.#isBlocked = true
    this.cut()
  }

  unblock(): void {
    this.#isBlocked = false
  }

  /** Connections stay, but from now on nothing that the server says arrives. */
  mute(): void {
    this.#isMute = true
  }

  unmute(): void {
    this.#isMute = false
  }

  async close(): Promise<void> {
    this.#server.close()
    this.cut()
    await once(this.#server, 'close')
  }

  #join(client: Socket, upstream: Socket): void {
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      this.#sockets.add(from)
      from.on('data', (data) => {
        if (!(this.#isMute && from === upstream)) to.write(data)
      })
      from.on('error', () => {})
      from.on('close', () => {
        this.#sockets.delete(from)
        to.destroy()
      })
    }
  }
}
