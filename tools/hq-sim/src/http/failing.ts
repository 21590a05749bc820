import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Fault } from '../faults.js'
import type { HttpContext } from './context.js'
import { refuse } from './envelope.js'

/** Lets requests fail as asked for, before anything of them takes effect, and asks for the API key where HQ does. */
export function guardRoutes(app: FastifyInstance, { faults, apiKey }: HttpContext): void {
  app.decorateRequest('cut', false)
  app.addHook('preHandler', async (request, reply) => {
    const { mark } = request.routeOptions.config
    if (mark === undefined) return undefined
    const fault = faults.take(mark.name)
    if (fault === 'cut') request.cut = true
    else if (fault !== undefined) return fail(fault, request, reply)
    if (mark.open || request.headers.authorization === `Bearer ${apiKey}`) return undefined
    return refuse(reply, 401, 'The API key is missing or not valid')
  })
}

function fail(fault: Exclude<Fault, 'cut'>, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (fault === 'reset') {
    reply.hijack()
    request.raw.socket.resetAndDestroy()
    return reply
  }
  if (typeof fault === 'number') return refuse(reply, fault, `The simulator was told to answer ${fault}`)
  const { status, body, headers = {} } = fault
  return reply
    .code(status)
    .headers({ 'content-type': 'application/json', ...headers })
    .send(body)
}
