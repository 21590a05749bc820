import type { ServerResponse } from 'node:http'
import { stringifyJson } from '@eds/core'

/** What goes back to the caller. */
export interface Answer {
  readonly status: number
  readonly contentType: string
  readonly body: string
  readonly headers?: Readonly<Record<string, string>>
}

export function textAnswer(status: number, text: string, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, contentType: 'text/plain; charset=utf-8', body: `${text}\n`, headers }
}

export function jsonAnswer(status: number, value: unknown): Answer {
  return { status, contentType: 'application/json', body: stringifyJson(value) ?? 'null' }
}

export function send(response: ServerResponse, { status, contentType, body, headers = {} }: Answer): void {
  const bytes = Buffer.from(body)
  const content = status === 204 ? {} : { 'Content-Type': contentType, 'Content-Length': bytes.length }
  response.writeHead(status, { ...content, ...headers })
  response.end(status === 204 ? undefined : bytes)
}
