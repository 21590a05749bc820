import type { FastifyReply } from 'fastify'

/** Sends `data` as the API does. */
export function succeed(reply: FastifyReply, data: unknown): FastifyReply {
  return reply.send({ success: true, data })
}

/** Refuses with a message for the user. */
export function refuse(reply: FastifyReply, status: number, message: string): FastifyReply {
  return reply.code(status).send({ success: false, message })
}
