import { randomUUID } from 'node:crypto'
import { type Clock, isEdsError, systemClock } from '@eds/core'
import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import type { HttpSource } from '../journal/http-source.js'
import { encodePublishedEvent } from './published-event.js'
import { type PublishedMessage, parsePublishBody } from './published-message.js'
import { isSameToken } from './security-token.js'

export interface PublishOptions {
  /** Takes the events; an answer of 200 means that its journal has the event. */
  readonly source: Pick<HttpSource, 'publish'>
  /** What callers must know. Without one (or an empty one) nobody may publish: 403. */
  readonly securityToken?: string
  /** `source` of messages that name none. Default `api`. */
  readonly defaultSource?: string
  /** How many receivers are there for a message right now: the answer's `sentTo`. Default: 0. */
  readonly receivers?: (message: PublishedMessage) => number | Promise<number>
  /** A larger body is refused (413). Default 1 MiB. */
  readonly maxBodyBytes?: number
  /** Requests that an address may make in a time; more are refused (429). Default 6,000 a minute; `false`: any number. */
  readonly rateLimit?: { readonly max: number; readonly windowMs: number } | false
  /** Told what made a request end in 500. */
  readonly onError?: (error: unknown) => void
  readonly clock?: Pick<Clock, 'now'>
}

/** The body of every answer but `pong`. */
export interface PublishAnswer {
  /** The HTTP status. */
  readonly code: number
  readonly message: string
  /** Of the event, when there is one. */
  readonly id?: string
  readonly sentTo?: number
}

const defaultMaxBodyBytes = 2 ** 20
const defaultRateLimit = { max: 6_000, windowMs: 60_000 }

/**
 * A Fastify plugin with `POST /publish` and `GET /ping`. Both stay in a scope of their own: parsers, limits and error answers of the
 * rest of the application are left alone. Paths that nobody serves are answered by {@link answerNotFound}, if the application sets it.
 */
export const publishRoutes: FastifyPluginAsync<PublishOptions> = async (app, options) => {
  await app.register(async (scope) => {
    await limitRate(scope, options)
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body))
    scope.setErrorHandler((error, request, reply) => answerError(error, request, reply, options))
    const bodyLimit = options.maxBodyBytes ?? defaultMaxBodyBytes
    scope.post('/publish', { bodyLimit }, (request, reply) => publish(String(request.body ?? ''), reply, options))
    scope.get('/ping', async (_request, reply) => reply.type('text/plain; charset=utf-8').send('pong'))
  })
}

/** For `setNotFoundHandler`: 404 as JSON. */
export function answerNotFound(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return answer(reply, { code: 404, message: `there is no ${request.method} ${pathOf(request)}` })
}

async function limitRate(scope: FastifyInstance, { rateLimit = defaultRateLimit }: PublishOptions): Promise<void> {
  if (rateLimit === false) return
  const { default: plugin } = await import('@fastify/rate-limit')
  await scope.register(plugin, { max: rateLimit.max, timeWindow: rateLimit.windowMs, allowList: isPing })
}

/** Health checks come often, and from one address. */
function isPing(request: FastifyRequest): boolean {
  return pathOf(request).endsWith('/ping')
}

async function publish(body: string, reply: FastifyReply, options: PublishOptions): Promise<FastifyReply> {
  const { source, securityToken = '', defaultSource = 'api', receivers, clock = systemClock } = options
  if (securityToken === '') {
    return answer(reply, { code: 403, message: 'publishing is off: no security token is configured' })
  }
  const given = parsePublishBody(body)
  if (!isSameToken(given.securityToken, securityToken)) {
    return answer(reply, { code: 401, message: 'invalid security token' })
  }
  const message = given.message()
  const id = randomUUID()
  const sentTo = (await receivers?.(message)) ?? 0
  await source.publish(encodePublishedEvent(message, { id, now: clock.now(), defaultSource }))
  return answer(reply, { code: 200, id, sentTo, message: `published to ${sentTo} receivers` })
}

function answerError(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  { onError, maxBodyBytes = defaultMaxBodyBytes }: PublishOptions,
): FastifyReply {
  if (isEdsError(error) && error.code === 'configuration') return answer(reply, { code: 400, message: error.message })
  const status = statusOf(error)
  if (status === 413) {
    return answer(reply, { code: 413, message: `the body is larger than ${maxBodyBytes} bytes` })
  }
  if (status === 429) return answer(reply, { code: 429, message: 'too many requests: try again later' })
  if (status < 500) return answer(reply, { code: 400, message: `invalid request to ${pathOf(request)}` })
  onError?.(error)
  return answer(reply, { code: 500, message: 'internal server error: the event was not published' })
}

function statusOf(error: unknown): number {
  const isCoded = typeof error === 'object' && error !== null && 'statusCode' in error
  return isCoded && typeof error.statusCode === 'number' ? error.statusCode : 500
}

function pathOf({ url }: FastifyRequest): string {
  return url.split('?', 1)[0] ?? url
}

function answer(reply: FastifyReply, body: PublishAnswer): FastifyReply {
  return reply.code(body.code).send(body)
}
