import type { FastifyInstance } from 'fastify'
import type { HttpContext } from './context.js'
import { refuse } from './envelope.js'

/** Schemas come without an envelope, and without an API key. */
export function addSchemaRoutes(app: FastifyInstance, { schemas }: HttpContext): void {
  const all = { config: { mark: { name: 'schemas', open: true } } } as const
  app.get('/v3/schema', all, async () => schemas.document())
  const one = { config: { mark: { name: 'schema', open: true } } } as const
  type Path = { Params: { object: string; modelVersion: string } }
  app.get<Path>('/v3/schema/:object/:modelVersion', one, async (request, reply) => {
    const { object, modelVersion } = request.params
    return schemas.get(object, modelVersion) ?? refuse(reply, 404, `No schema ${modelVersion} of ${object}`)
  })
}
