import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { EdsError } from '@eds/core'

/** An HTTP server that sockets are served on. */
export interface SocketHost {
  /** To be given to socket.io, which may close it. */
  readonly server: Server
  /** Port of a server of one's own. */
  readonly port?: number
  /** Gives back what was taken. The server of somebody else stays open. */
  release(): Promise<void>
}

/**
 * Takes the requests below a path from a server that is somebody else's. socket.io takes a server for good, and closes it when it is
 * closed itself; so it gets one that never listens, to which these requests are handed on.
 */
export function borrowServer(owner: Server, path: string): SocketHost {
  const inner = createServer()
  const others = owner.listeners('request')
  const isOurs = ({ url = '' }: IncomingMessage) =>
    url === path || url.startsWith(`${path}/`) || url.startsWith(`${path}?`)
  const onRequest = (request: IncomingMessage, response: ServerResponse) => {
    if (isOurs(request)) inner.emit('request', request, response)
    else for (const listener of others) listener.call(owner, request, response)
  }
  const onUpgrade = (request: IncomingMessage, ...rest: unknown[]) => {
    if (isOurs(request)) inner.emit('upgrade', request, ...rest)
    // Without any listener Node would have answered by itself.
    else if (owner.listenerCount('upgrade') === 1) request.destroy()
  }
  owner.removeAllListeners('request')
  owner.on('request', onRequest).on('upgrade', onUpgrade)
  return {
    server: inner,
    release: async () => {
      owner.off('request', onRequest).off('upgrade', onUpgrade)
      for (const listener of others) owner.on('request', listener as (...values: unknown[]) => void)
    },
  }
}

/** A server of one's own. Rejects with what `listen` gives, or when the signal aborts. */
export async function listenAt(host: string, port: number, signal: AbortSignal): Promise<SocketHost> {
  if (signal.aborted) throw new EdsError('connection', 'starting the socket.io server was given up')
  const server = createServer((_request, response) => {
    response.writeHead(404, { 'content-type': 'application/json' }).end('{"code":404,"message":"not found"}')
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
  const { port: taken } = server.address() as AddressInfo
  return {
    server,
    port: taken,
    release: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
