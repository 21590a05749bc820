import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import fastify, { type FastifyInstance } from 'fastify'
import type { HttpContext } from './context.js'
import { refuse } from './envelope.js'
import { addExportRoutes } from './export-routes.js'
import { guardRoutes } from './failing.js'
import { recordRequests } from './recording.js'
import { addSchemaRoutes } from './schema-routes.js'
import { addSessionRoutes } from './session-routes.js'

/** The HTTP port: taken first, because the API key names it, and served by {@link ApiServer.serve} later. */
export class ApiServer {
  readonly #server: Server
  readonly #port: number
  #app: FastifyInstance | undefined

  private constructor(server: Server, port: number) {
    this.#server = server
    this.#port = port
    server.on('request', (request, response) => {
      if (this.#app === undefined) response.writeHead(503).end()
      else this.#app.routing(request, response)
    })
  }

  /** Takes `port` on the loopback address, or a free one. */
  static async listen(port = 0): Promise<ApiServer> {
    const server = createServer()
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    return new ApiServer(server, (server.address() as AddressInfo).port) // a TCP server's address is never text
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  async serve(context: HttpContext): Promise<void> {
    const app = createApi(context)
    await app.ready()
    this.#app = app
  }

  /** Frees the port and cuts all connections. */
  async down(): Promise<void> {
    if (!this.#server.listening) return
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.#server.closeAllConnections()
    await closed
  }

  async up(): Promise<void> {
    if (this.#server.listening) return
    this.#server.listen(this.#port, '127.0.0.1')
    await once(this.#server, 'listening')
  }

  async close(): Promise<void> {
    await this.down()
    await this.#app?.close()
  }
}

function createApi(context: HttpContext): FastifyInstance {
  const app = fastify({ logger: false })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'string' }, parseJson)
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_, body, done) => done(null, body))
  recordRequests(app, context.journal)
  guardRoutes(app, context)
  addSessionRoutes(app, context)
  addSchemaRoutes(app, context)
  addExportRoutes(app, context)
  app.setNotFoundHandler((request, reply) => refuse(reply, 404, `No route ${request.method} ${request.url}`))
  app.setErrorHandler((error: Error & { statusCode?: number }, _, reply) => {
    return refuse(reply, error.statusCode ?? 500, error.message)
  })
  return app
}

function parseJson(_: unknown, body: string | Buffer, done: (error: Error | null, value?: unknown) => void): void {
  try {
    done(null, body.length === 0 ? undefined : JSON.parse(String(body)))
  } catch {
    done(Object.assign(new Error('The body is not JSON'), { statusCode: 400 }))
  }
}
