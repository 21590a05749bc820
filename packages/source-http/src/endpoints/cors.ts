import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Answer, textAnswer } from './answer.js'

/** Lets pages of any origin read the answer. */
export function allowAnyOrigin(response: ServerResponse): void {
  response.setHeader('Access-Control-Allow-Origin', '*')
}

/** The question that a browser asks before it sends a request of another origin; not an event. */
export function isPreflight({ method, headers }: IncomingMessage): boolean {
  return method === 'OPTIONS' && headers['access-control-request-method'] !== undefined
}

const daySeconds = 86_400

/** Allows what was asked for. */
export function preflightAnswer({ headers }: IncomingMessage): Answer {
  const asked = headers['access-control-request-headers']
  return textAnswer(204, '', {
    'Access-Control-Allow-Methods': String(headers['access-control-request-method']),
    ...(asked === undefined ? {} : { 'Access-Control-Allow-Headers': asked }),
    'Access-Control-Max-Age': String(daySeconds),
  })
}
