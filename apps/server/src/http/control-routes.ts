import type { DeadLetterOutcome, Position } from '@eds/core'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { usageError } from '../exit-codes.js'

/** What can be asked of a running server. `sink` absent: all. Unknown sinks are refused with a CommandFailure. */
export interface ControlActions {
  pause(sink: string | undefined): Promise<void>
  unpause(sink: string | undefined): void
  /** Ends the server as SIGTERM does, by exit code 0. */
  shutdown(): void
  /** Ends the server by the exit code that asks a supervisor to start it again. */
  restart(): void
  /** The log file that is complete now; `undefined` when logs go to no file. */
  rotateLog(): Promise<string | undefined> | string | undefined
  settleDeadLetters(request: DeadLetterRequest): Promise<DeadLetterOutcome>
}

const sinkRequest = z.object({ sink: z.string().optional() }).nullish()
const deadLetterRequest = z.object({
  action: z.enum(['retry', 'skip']),
  /** May be absent when there is only one. */
  sink: z.string().optional(),
  ids: z.array(z.string()).optional(),
  all: z.boolean().optional(),
})

export interface DeadLetterRequest {
  readonly action: 'retry' | 'skip'
  readonly sink?: string | undefined
  /** Absent: all. */
  readonly ids?: readonly Position[] | undefined
  /** To be said when all are skipped: that cannot be undone. */
  readonly all?: boolean | undefined
}

/** @throws CommandFailure (exit code 3) for a request that names both some and all letters, or for a skip that names none. */
export function refuseVague({ action, ids, all = false }: DeadLetterRequest): void {
  if (all && ids) throw usageError('IDs and --all do not go together', 'leave one out')
  if (action === 'retry' || all || (ids && ids.length > 0)) return
  const fix = 'name them by the IDs that eds dead-letter list shows, or say --all'
  throw usageError('events that are skipped are given up for good', fix)
}

export function addControlRoutes(app: FastifyInstance, actions: ControlActions): void {
  app.post('/control/pause', async ({ body }) => {
    await actions.pause(parse(sinkRequest, body)?.sink)
    return { message: 'paused' }
  })
  app.post('/control/unpause', async ({ body }) => {
    actions.unpause(parse(sinkRequest, body)?.sink)
    return { message: 'running again' }
  })
  app.post('/control/shutdown', async () => {
    actions.shutdown()
    return { message: 'shutting down' }
  })
  app.post('/control/restart', async () => {
    actions.restart()
    return { message: 'shutting down to be started again' }
  })
  app.post('/control/dead-letters', async ({ body }) => {
    const request = parse(deadLetterRequest, body)
    refuseVague(request)
    return actions.settleDeadLetters(request)
  })
  app.post('/control/logfile', async (_request, reply) => {
    const path = await actions.rotateLog()
    if (path !== undefined) return { message: path, path }
    return reply.code(404).send({ message: 'logs go to no file: start the server with --log-file-sink eds.log' })
  })
}

function parse<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw usageError(`the request is not right: ${issue?.path.join('.')}: ${issue?.message}`)
}
