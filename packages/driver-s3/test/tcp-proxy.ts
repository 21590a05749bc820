import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/** A way to a server that can be cut, or made to swallow everything. */
export class TcpProxy {
  readonly #target: { readonly host: string; readonly port: number }
  readonly #sockets = new Set<Socket>()
  readonly #server: Server
  #state: 'open' | 'broken' | 'stalled' = 'open'

  private constructor(target: { host: string; port: number }) {
    this.#target = target
    this.#server = createServer((socket) => this.#accept(socket))
  }

  static async start(target: { host: string; port: number }): Promise<TcpProxy> {
    const proxy = new TcpProxy(target)
    proxy.#server.listen(0, '127.0.0.1')
    await once(proxy.#server, 'listening')
    return proxy
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  async break(): Promise<void> {
    this.#state = 'broken'
    for (const socket of this.#sockets) socket.resetAndDestroy()
  }

  async stall(): Promise<void> {
    this.#state = 'stalled'
  }

  async restore(): Promise<void> {
    this.#state = 'open'
    for (const socket of this.#sockets) socket.resetAndDestroy()
  }

  async stop(): Promise<void> {
    await this.break()
    this.#server.close()
  }

  #accept(client: Socket): void {
    this.#track(client)
    if (this.#state === 'broken') return void client.resetAndDestroy()
    const server = connect(this.#target)
    this.#track(server)
    client.on('data', (bytes) => this.#state === 'open' && server.write(bytes))
    server.on('data', (bytes) => this.#state === 'open' && client.write(bytes))
    client.on('close', () => server.destroy())
    server.on('close', () => client.destroy())
  }

  #track(socket: Socket): void {
    this.#sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => this.#sockets.delete(socket))
  }
}
