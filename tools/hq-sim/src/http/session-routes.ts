import { randomUUID } from 'node:crypto'
import { gunzipSync } from 'node:zlib'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { UploadKind } from '../records.js'
import type { HttpContext } from './context.js'
import { refuse, succeed } from './envelope.js'

const startBody = z.looseObject({ version: z.string(), hostname: z.string(), serverId: z.string() })
const endBody = z.looseObject({ errored: z.boolean() })

interface SessionPath {
  readonly Params: { readonly sessionId: string }
}

interface UploadTarget {
  readonly sessionId: string
  readonly kind: UploadKind
}

/** Enrollment, sessions and their logs. */
export function addSessionRoutes(app: FastifyInstance, context: HttpContext): void {
  addEnrollment(app, context)
  addStart(app, context)
  const targets = new Map<string, UploadTarget>()
  addEnd(app, context, targets)
  addUpload(app, context, targets)
}

function addEnrollment(app: FastifyInstance, { enrollmentCodes, apiKey, serverId }: HttpContext): void {
  const config = { mark: { name: 'enroll', open: true } } as const
  app.get<{ Params: { code: string } }>('/v3/eds/internal/enroll/:code', { config }, async (request, reply) => {
    if (!enrollmentCodes.delete(request.params.code)) {
      return refuse(reply, 404, 'The enrollment code is not valid or was used')
    }
    return succeed(reply, { token: apiKey, serverId })
  })
}

function addStart(app: FastifyInstance, { serverId, journal, secrets, issueCredentials }: HttpContext): void {
  app.post('/v3/eds/internal', { config: { mark: { name: 'startSession' } } }, async (request, reply) => {
    const parsed = startBody.safeParse(request.body)
    if (!parsed.success) return refuse(reply, 400, z.prettifyError(parsed.error))
    if (parsed.data.serverId !== serverId) return refuse(reply, 404, 'No such server')
    const id = randomUUID()
    const { text, jwt, seed } = await issueCredentials(id)
    const encoded = Buffer.from(text).toString('base64')
    secrets.add(text, jwt, seed, encoded)
    const record = { id, startedAt: new Date(), body: parsed.data, credential: text, end: undefined, uploads: [] }
    journal.sessions.push(record)
    return succeed(reply, { sessionId: id, credential: encoded })
  })
}

function addEnd(
  app: FastifyInstance,
  { url, journal, secrets }: HttpContext,
  targets: Map<string, UploadTarget>,
): void {
  const target = (sessionId: string, kind: UploadKind) => {
    const path = `/upload/${sessionId}/${kind}/${secrets.token()}`
    targets.set(path, { sessionId, kind })
    return `${url}${path}`
  }
  const end = { config: { mark: { name: 'endSession' } } } as const
  app.post<SessionPath>('/v3/eds/internal/:sessionId', end, async (request, reply) => {
    const session = journal.session(request.params.sessionId)
    if (session === undefined) return refuse(reply, 404, 'No such session')
    const parsed = endBody.safeParse(request.body)
    if (!parsed.success) return refuse(reply, 400, z.prettifyError(parsed.error))
    session.end = { time: new Date(), errored: parsed.data.errored }
    return succeed(reply, { url: target(session.id, 'end'), errorUrl: target(session.id, 'error') })
  })
  const log = { config: { mark: { name: 'logUrl' } } } as const
  app.post<SessionPath>('/v3/eds/internal/:sessionId/log', log, async (request, reply) => {
    const session = journal.session(request.params.sessionId)
    if (session === undefined) return refuse(reply, 404, 'No such session')
    return succeed(reply, { url: target(session.id, 'log') })
  })
}

const uploadLimitBytes = 256 * 1024 * 1024

function addUpload(app: FastifyInstance, { journal }: HttpContext, targets: Map<string, UploadTarget>): void {
  const options = { config: { mark: { name: 'upload', open: true } }, bodyLimit: uploadLimitBytes } as const
  app.put('/upload/:sessionId/:kind/:token', options, async (request, reply) => {
    const target = targets.get(request.url)
    const session = target === undefined ? undefined : journal.session(target.sessionId)
    if (target === undefined || session === undefined) return refuse(reply, 403, 'The URL is not one to upload to')
    const text = gunzipText(request.body)
    if (text === undefined) return refuse(reply, 400, 'The body is not gzip')
    const record = journal.requests[request.recordIndex]
    if (record !== undefined) record.body = text
    const contentType = request.headers['content-type'] ?? ''
    const upload = { ...target, path: request.url, contentType, text, time: new Date() }
    session.uploads.push(upload)
    journal.uploads.push(upload)
    return reply.code(200).send('')
  })
}

function gunzipText(body: unknown): string | undefined {
  try {
    return body instanceof Uint8Array ? gunzipSync(body).toString() : undefined
  } catch {
    return undefined
  }
}
