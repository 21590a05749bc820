import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/** Stands between the driver and a server, and can cut the wire or let it go dead. */
export class PubsubProxy {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #isBlocked = false
  #isMute = false

  private constructor(server: Server) {
    this.#server = server
  }

  static async to(host: string, port: number): Promise<PubsubProxy> {
    const server = createServer({ noDelay: true })
    const proxy = new PubsubProxy(server)
    server.on('connection', (client) => {
      if (proxy.#isBlocked) client.destroy()
      else proxy.#join(client, connect({ host, port, noDelay: true }))
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    return proxy
  }

  /** `host:port` for the driver. */
  get endpoint(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Breaks every connection. New ones are let through. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  async block(): Promise<void> {
    this.#isBlocked = true
    this.cut()
  }

  /** From now on nothing that the server says arrives, on old connections and on new ones. */
  async mute(): Promise<void> {
    this.#isMute = true
  }

  /** Lets everything through again. What was silent is cut: bytes are missing there. */
  async open(): Promise<void> {
    if (this.#isMute) this.cut()
    this.#isBlocked = false
    this.#isMute = false
  }

  async close(): Promise<void> {
    this.#server.close()
    this.cut()
    await once(this.#server, 'close')
  }

  #join(client: Socket, upstream: Socket): void {
    const pairs = [
      [client, upstream],
      [upstream, client],
    ] as const
    for (const [from, to] of pairs) {
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
