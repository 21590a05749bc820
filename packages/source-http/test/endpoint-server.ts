import { createServer, METHODS, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import { type EndpointOptions, type EndpointService, endpointListener, type ReceivedEvent } from '../src/index.js'

/** All that Node.js parses but CONNECT, which asks for a tunnel and is no request. */
export const methods = METHODS.filter((method) => method !== 'CONNECT')

export interface RequestParts {
  readonly method?: string
  /** Names and values in turn, or by name. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
  readonly body?: string | Uint8Array
}

export interface ReceivedAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: string
}

export interface EndpointServer {
  readonly port: number
  readonly received: ReceivedEvent[]
  readonly calls: string[]
  readonly errors: unknown[]
  ask(path: string, parts?: RequestParts): Promise<ReceivedAnswer>
}

/** Serves endpoints on a port of this machine until the test ends; `entry1` takes everything, `entry2` only POST. */
export async function serveEndpoints(
  options: Partial<Omit<EndpointOptions, 'service'>> & { readonly service?: Partial<EndpointService> } = {},
): Promise<EndpointServer> {
  const received: ReceivedEvent[] = []
  const calls: string[] = []
  const errors: unknown[] = []
  const service: EndpointService = {
    refusal(eventKey, method) {
      if (eventKey === 'entry2') return method === 'POST' ? undefined : `the endpoint "entry2" takes no ${method}`
      return eventKey.startsWith('entry') ? undefined : `there is no endpoint "${eventKey}"`
    },
    async receive(event) {
      received.push(event)
      return { evaluated: Promise.resolve('event stored, no message is due') }
    },
    async trigger() {
      calls.push('trigger')
      return 'message triggered'
    },
    async reset() {
      calls.push('reset')
      return 'events reset'
    },
    config: () => ({ serviceName: 'My First Event Sync' }),
    status: async () => ({ windowsFired: 3 }),
    metrics: async () => ({ contentType: 'text/plain; version=0.0.4', text: 'eds_sync_events_total 3\n' }),
    ...options.service,
  }
  const listener = endpointListener({ onError: (error) => errors.push(error), ...options, service })
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { port, received, calls, errors, ask: (path, parts) => ask(port, path, parts) }
}

function ask(port: number, path: string, { method = 'GET', headers = {}, body }: RequestParts = {}) {
  return new Promise<ReceivedAnswer>((resolve, reject) => {
    const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }
    const outgoing = request(
      { host: '127.0.0.1', port, path, method, headers: { ...length, ...headers } },
      (answer) => {
        const parts: Buffer[] = []
        answer.on('data', (part: Buffer) => parts.push(part))
        answer.on('end', () =>
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(parts).toString() }),
        )
      },
    )
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}
