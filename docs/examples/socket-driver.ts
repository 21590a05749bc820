/**
 * A push sink: tells connected browsers about changes as they happen, over server-sent events on the host's own HTTP server.
 * Nobody listens to the past, so a run begins at now; "durable" means handed to every connection that is there.
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http'
import {
  type ChangeEvent,
  type Driver,
  type DriverContext,
  defineDriver,
  EdsError,
  type EventBatch,
  formatUrl,
  parseUrl,
  secret,
  stringifyJson,
  type WriteResult,
  written,
} from '@eds/core'
import { z } from 'zod'

const config = z.strictObject({
  path: z.string().startsWith('/').default('/changes').describe('Where clients connect.'),
  token: secret(z.string().min(8)).describe('What clients send as `?token=…`.'),
  maxBufferedBytes: z.coerce.number().int().positive().default(1_000_000).describe('A slower client is dropped.'),
})
type Config = z.infer<typeof config>

export default defineDriver<Config>({
  apiVersion: 1,
  name: 'push',
  title: 'Browsers',
  description: 'Server-sent events to connected browsers.',
  exampleUrl: 'push://:token-of-the-clients@/changes',
  schemes: ['push'],
  config,
  parse: (url) => {
    const { path, password, query } = parseUrl(url)
    return { ...query, token: password, ...(path === '' ? {} : { path }) }
  },
  format: ({ path, token, maxBufferedBytes }) => {
    const query = { maxBufferedBytes: String(maxBufferedBytes) }
    return formatUrl({ scheme: 'push', password: token, hosts: [], path, query })
  },
  traits: () => ({
    maxBatchEvents: 1_000,
    maxBatchBytes: 1_000_000,
    maxInFlight: 1,
    lingerMs: 0,
    ordering: 'key',
    redelivery: 'duplicates',
    compaction: false,
    batches: 'free',
    start: 'now',
  }),
  create: (settings, context) => new PushDriver(settings, context),
})

class PushDriver implements Driver {
  readonly #settings: Config
  readonly #context: DriverContext
  readonly #clients = new Set<ServerResponse>()
  #leaveServer: (() => void) | undefined

  constructor(settings: Config, context: DriverContext) {
    this.#settings = settings
    this.#context = context
  }

  async connect(): Promise<void> {
    const { httpServer } = this.#context
    if (httpServer === undefined) {
      const fix = 'pass httpServer to createPipeline, or run the sink in the eds server'
      throw new EdsError('configuration', 'a push:// sink needs an HTTP server', { fix })
    }
    this.#leaveServer ??= takeRequests(httpServer, (request, response) => this.#accept(request, response))
  }

  async write({ events }: EventBatch): Promise<WriteResult> {
    const text = events.map(encodeMessage).join('')
    for (const client of this.#clients) {
      if (client.writableLength > this.#settings.maxBufferedBytes) client.destroy()
      else client.write(text)
    }
    this.#context.metrics.count('messages', events.length * this.#clients.size)
    return written
  }

  async close(): Promise<void> {
    this.#leaveServer?.()
    this.#leaveServer = undefined
    for (const client of this.#clients) client.destroy()
  }

  /** True when the request was for this sink. */
  #accept(request: IncomingMessage, response: ServerResponse): boolean {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://host')
    if (pathname !== this.#settings.path) return false
    const isKnown = timingSafeEqual(digest(searchParams.get('token') ?? ''), digest(this.#settings.token))
    response.writeHead(isKnown ? 200 : 401, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
    if (!isKnown) response.end()
    else {
      response.flushHeaders()
      this.#clients.add(response)
      response.on('close', () => this.#clients.delete(response))
    }
    return true
  }
}

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}

/** Pure: one message; `id` lets a client tell a repetition. */
export function encodeMessage({ id, table, operation, after, before }: ChangeEvent): string {
  const data = stringifyJson({ table, operation, row: after ?? before })
  return `id: ${encodeURIComponent(id)}\nevent: ${encodeURIComponent(table)}\ndata: ${data}\n\n`
}

/** Stands in front of the server's own listeners, as socket.io does. Gives the way back. */
function takeRequests(
  server: Server,
  accept: (request: IncomingMessage, response: ServerResponse) => boolean,
): () => void {
  const others = server.listeners('request') as RequestListener[]
  const listener: RequestListener = (request, response) => {
    if (!accept(request, response)) for (const other of others) other.call(server, request, response)
  }
  server.removeAllListeners('request').on('request', listener)
  return () => {
    server.off('request', listener)
    for (const other of others) server.on('request', other)
  }
}
