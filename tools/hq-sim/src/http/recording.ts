import { randomUUID } from 'node:crypto'
import { PassThrough, type Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Journal } from '../journal.js'

/** Notes every request and its answer, and names each in `X-Request-Id`. */
export function recordRequests(app: FastifyInstance, journal: Journal): void {
  app.decorateRequest('recordIndex', -1)
  app.addHook('onRequest', async (request, reply) => begin(request, reply, journal))
  app.addHook('preHandler', async (request) => {
    update(request, journal, { body: request.body })
  })
  app.addHook('onSend', async (request, _, payload) => count(request, payload, journal))
  app.addHook('onResponse', async (request, reply) => {
    update(request, journal, { status: reply.statusCode, endedAt: new Date() })
    journal.watch.changed()
  })
}

function begin(request: FastifyRequest, reply: FastifyReply, journal: Journal): void {
  const id = randomUUID()
  reply.header('x-request-id', id)
  request.recordIndex = journal.requests.length
  journal.requests.push({
    id,
    method: request.method,
    path: request.url,
    headers: plainHeaders(request.headers),
    body: undefined,
    startedAt: new Date(),
    status: undefined,
    endedAt: undefined,
    answerBytes: 0,
  })
  journal.watch.changed()
}

function update(request: FastifyRequest, journal: Journal, values: Partial<Journal['requests'][number]>): void {
  const record = journal.requests[request.recordIndex]
  if (record !== undefined) Object.assign(record, values)
}

/** Counts an answer's bytes without holding a stream back. */
function count(request: FastifyRequest, payload: unknown, journal: Journal): unknown {
  if (typeof payload === 'string') update(request, journal, { answerBytes: Buffer.byteLength(payload) })
  if (!isStream(payload)) return payload
  let bytes = 0
  const counter = new PassThrough()
  counter.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    update(request, journal, { answerBytes: bytes })
  })
  payload.on('error', (error) => counter.destroy(error))
  counter.on('close', () => payload.destroy())
  return payload.pipe(counter)
}

function isStream(payload: unknown): payload is Readable {
  return typeof payload === 'object' && payload !== null && 'pipe' in payload
}

function plainHeaders(headers: FastifyRequest['headers']): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]))
}
