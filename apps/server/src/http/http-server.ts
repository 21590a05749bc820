import { timingSafeEqual } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { EdsError, isEdsError } from '@eds/core'
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { CommandFailure } from '../exit-codes.js'
import { errorLine } from '../failure.js'
import type { StatusReport } from '../host/status-report.js'
import type { ServerMetrics } from '../metrics/metrics.js'
import type { Redactor } from '../redactor.js'
import { addControlRoutes, type ControlActions } from './control-routes.js'
import { includesLoopback, isLoopback, isLoopbackHost } from './loopback.js'

export interface HttpOptions {
  readonly host: string
  /** 0: any free one. */
  readonly port: number
  /** PEM texts. With them the port speaks HTTPS only, and control is at a port of its own, which this machine alone can reach. */
  readonly tls?: { readonly cert: string; readonly key: string }
  /** Adds what this program serves besides. */
  readonly routes?: ((app: FastifyInstance) => Promise<void>) | undefined
  /** What `/control` asks for, as a bearer token. */
  readonly token: string
  readonly metrics: ServerMetrics
  readonly report: () => StatusReport
  readonly control: ControlActions
  readonly redactor: Redactor
}

export interface HttpServer {
  readonly port: number
  /** Where this machine finds status and control, by plain HTTP. */
  readonly controlPort: number
  /** For drivers that serve clients. */
  readonly server: Server
  close(): Promise<void>
}

/**
 * Serves health, metrics, status and control. The last two answer this machine only, whatever the address that is listened on.
 *
 * @throws CommandFailure when the address cannot be listened on.
 */
export async function startHttpServer(options: HttpOptions): Promise<HttpServer> {
  const app = createApp(options)
  app.setErrorHandler((error, _request, reply) => answerError(error, reply, options.redactor))
  addPublicRoutes(app, options)
  await options.routes?.(app)
  await app.register(async (local) => {
    local.addHook('onRequest', async (request, reply) => refuseStrangers(request, reply))
    local.get('/status', async () => options.report())
    await local.register(async (guarded) => {
      guarded.addHook('onRequest', async (request, reply) => refuseWithoutToken(request, reply, options.token))
      addControlRoutes(guarded, options.control)
    })
  })
  await listen(app, options)
  const port = portOf(app.server)
  const second = await openControl(app, options, port)
  return {
    port,
    controlPort: second ? portOf(second) : port,
    server: app.server,
    close: async () => {
      second?.closeAllConnections()
      second?.close()
      await app.close()
    },
  }
}

function createApp({ tls }: HttpOptions): FastifyInstance {
  if (tls === undefined) return fastify({ forceCloseConnections: true })
  try {
    return fastify({ forceCloseConnections: true, serverFactory: (handler) => createTlsServer(tls, handler) })
  } catch (error) {
    const fix = 'check SSL_CERT and SSL_KEY'
    throw new EdsError('configuration', 'the certificate and its key cannot be used', { cause: error, fix })
  }
}

function addPublicRoutes(app: FastifyInstance, { metrics, report }: HttpOptions): void {
  const health = async (_request: FastifyRequest, reply: FastifyReply) => {
    const { status, sinks } = report()
    reply.code(status === 'shutting down' ? 503 : 200)
    return { status, sinks: Object.fromEntries(sinks.map(({ name, state }) => [name, state])) }
  }
  app.get('/', health)
  app.get('/status/health', health)
  app.get('/metrics', async (_request, reply) => reply.type(metrics.contentType).send(await metrics.render()))
}

async function refuseStrangers(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  if (isLoopback(request.socket.remoteAddress) && isLoopbackHost(request.headers.host)) return undefined
  return reply.code(403).send({ message: 'this address answers the machine it runs on only' })
}

async function refuseWithoutToken(request: FastifyRequest, reply: FastifyReply, token: string): Promise<unknown> {
  const given = Buffer.from(request.headers.authorization ?? '')
  const wanted = Buffer.from(`Bearer ${token}`)
  if (given.length === wanted.length && timingSafeEqual(given, wanted)) return undefined
  return reply.code(401).send({ message: 'the token in control.json of the data directory is needed' })
}

function answerError(error: unknown, reply: FastifyReply, redactor: Redactor): FastifyReply {
  const given = typeof error === 'object' && error !== null && 'statusCode' in error ? Number(error.statusCode) : 500
  const code = isEdsError(error) ? 409 : error instanceof CommandFailure ? 400 : given
  return reply.code(code).send({ message: redactor.mask(errorLine(error)) })
}

async function listen(app: FastifyInstance, { host, port }: HttpOptions): Promise<void> {
  try {
    await app.listen({ host, port })
  } catch (error) {
    throw listenError(error, host, port)
  }
}

/** A listener for control, where the first one does not listen on loopback, or not by plain HTTP. */
async function openControl(
  app: FastifyInstance,
  { host, tls }: HttpOptions,
  port: number,
): Promise<Server | undefined> {
  if (tls !== undefined) return listenOnLoopback(app, 0)
  return includesLoopback(host) ? undefined : listenOnLoopback(app, port)
}

async function listenOnLoopback(app: FastifyInstance, port: number): Promise<Server> {
  const server = createServer((request, response) => app.routing(request, response))
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(listenError(error, '127.0.0.1', port)))
    server.listen(port, '127.0.0.1', resolve)
  })
  return server
}

function listenError(error: unknown, host: string, port: number): EdsError {
  const { code = 'error' } = error as NodeJS.ErrnoException
  const reason = code === 'EADDRINUSE' ? 'another program listens there' : code
  const fix = 'choose another port with --port, or --port 0 for any'
  return new EdsError('connection', `cannot listen on ${host} port ${port}: ${reason}`, { cause: error, fix })
}

function portOf(server: Pick<Server, 'address'>): number {
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}
