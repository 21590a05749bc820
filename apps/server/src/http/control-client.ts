import { z } from 'zod'
import { CommandFailure, exitCodes } from '../exit-codes.js'
import { readControlFile } from './control-file.js'

const answer = z.looseObject({ message: z.string().optional() })

/** How long the server may take to answer; retrying many dead letters takes its time. */
const timeoutMs = 600_000

export interface ServerRequest {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly body?: object
}

/**
 * Asks the server that runs on a data directory. `undefined` when none runs there.
 *
 * @throws CommandFailure with the server's own words when it refuses: exit code 3 when the request is wrong.
 */
export async function askServer(controlFile: string, request: ServerRequest): Promise<unknown> {
  const control = await readControlFile(controlFile)
  if (control === undefined) return undefined
  const { method, path, body } = request
  const response = await reach(`http://127.0.0.1:${control.port}${path}`, {
    method,
    headers: { authorization: `Bearer ${control.token}`, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(timeoutMs),
  })
  if (response === undefined) return undefined
  const content: unknown = await response.json().catch(() => ({}))
  if (response.ok) return content
  const { message } = answer.safeParse(content).data ?? {}
  if (response.status === 401 || message === undefined) throw stranger(controlFile, control.port)
  throw new CommandFailure(response.status === 400 ? exitCodes.usage : exitCodes.error, message)
}

/** A server that died left its file behind: nobody listens on the port. */
async function reach(url: string, init: RequestInit): Promise<Response | undefined> {
  try {
    return await fetch(url, init)
  } catch (error) {
    const cause = error instanceof Error ? (error.cause as NodeJS.ErrnoException | undefined) : undefined
    if (cause?.code === 'ECONNREFUSED') return undefined
    throw new CommandFailure(exitCodes.error, `the server does not answer (${cause?.code ?? String(error)})`, error)
  }
}

function stranger(controlFile: string, port: number): CommandFailure {
  const message = `port ${port} belongs to another program: the server that wrote ${controlFile} is gone; remove that file`
  return new CommandFailure(exitCodes.error, message)
}

export function notRunning(dataDirectory: string): CommandFailure {
  return new CommandFailure(
    exitCodes.error,
    `no server runs on ${dataDirectory}: start it, or name another by --data-dir`,
  )
}
