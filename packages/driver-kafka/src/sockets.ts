import { connect, isIP, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'

export interface SocketRequest {
  readonly host: string
  readonly port: number
  readonly ssl: ConnectionOptions
  readonly onConnect: () => void
}

const keepAliveMs = 60_000

/**
 * The connections of one client. The client library ends them only when all its requests have been answered or have timed out, and
 * opens new ones for its retries: nothing that was given up may reach the broker behind newer batches.
 */
export class Sockets {
  readonly #open = new Set<Socket>()
  #closed = false

  /** Throws after {@link destroy}. */
  readonly open = ({ host, port, ssl, onConnect }: SocketRequest): Socket => {
    if (this.#closed) throw new Error('the client was closed')
    const name = isIP(host) === 0 ? { servername: host } : {}
    const socket = ssl ? connectTls({ host, port, ...name, ...ssl }, onConnect) : connect({ host, port }, onConnect)
    socket.setKeepAlive(true, keepAliveMs)
    this.#open.add(socket)
    socket.once('close', () => this.#open.delete(socket))
    return socket
  }

  /** Cuts all connections, for ever. */
  destroy(): void {
    this.#closed = true
    for (const socket of this.#open) socket.destroy(new Error('the client was closed'))
  }
}
