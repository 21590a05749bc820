import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { EdsError } from '@eds/core'
import { type EndpointOptions, endpointListener } from '@eds/source-http'
import type { HttpSettings } from '../settings/server.js'

export interface EndpointServer {
  readonly port: number
  /** Takes no more connections, and lets requests under way finish, for a while. */
  close(): Promise<void>
}

const closingMs = 8_000

/** @throws EdsError `connection` when the address cannot be listened on. */
export async function serveEndpoints({ host, port }: HttpSettings, options: EndpointOptions): Promise<EndpointServer> {
  const server = createServer(endpointListener(options))
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const reason = error.code === 'EADDRINUSE' ? 'another program listens there' : error.code
      const fix = 'choose another port with --port or PORT'
      reject(new EdsError('connection', `cannot listen on ${host} port ${port}: ${reason}`, { cause: error, fix }))
    })
    server.listen(port, host, resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        const timer = setTimeout(() => server.closeAllConnections(), closingMs)
        server.close(() => {
          clearTimeout(timer)
          resolve()
        })
        server.closeIdleConnections()
      }),
  }
}
