import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/** Stands between a client and a server, and fails as it is told. */
export class TcpProxy {
  readonly #target: { readonly host: string; readonly port: number }
  readonly #sockets = new Set<Socket>()
  #server: Server | undefined
  #port = 0
  #dropsAnswers = false
  #unanswered: string | undefined

  private constructor(target: { readonly host: string; readonly port: number }) {
    this.#target = target
  }

  static async start(host: string, port: number): Promise<TcpProxy> {
    const proxy = new TcpProxy({ host, port })
    await proxy.restore()
    return proxy
  }

  get port(): number {
    return this.#port
  }

  /** Ends all connections and takes no others. */
  async break(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    server?.close()
    this.cut()
    if (server?.listening) await once(server, 'close')
  }

  /** Ends all connections. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  /** From the next request on that holds this text, nothing that the server says gets through. */
  dropAnswersTo(text: string): void {
    this.#unanswered = text
  }

  async restore(): Promise<void> {
    this.#dropsAnswers = false
    this.#unanswered = undefined
    if (this.#server !== undefined) return
    this.#server = createServer((client) => this.#join(client)).listen(this.#port, '127.0.0.1')
    await once(this.#server, 'listening')
    this.#port = (this.#server.address() as AddressInfo).port
  }

  #join(client: Socket): void {
    const server = connect(this.#target)
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
      this.#dropsAnswers ||= this.#unanswered !== undefined && data.includes(this.#unanswered)
      server.write(data)
    })
    server.on('data', (data) => {
      if (!this.#dropsAnswers) client.write(data)
    })
  }
}
