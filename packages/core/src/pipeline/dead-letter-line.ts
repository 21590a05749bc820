import { isUtf8 } from 'node:buffer'
import { z } from 'zod'
import type { DeadLetter, DeadLetterStatus, LetterFailure } from './dead-letter.js'

/** A line of a dead-letter file: a letter, or a later change of its status. */
export type DeadLetterLine =
  | { readonly kind: 'letter'; readonly letter: DeadLetter }
  | { readonly kind: 'status'; readonly id: string; readonly status: DeadLetterStatus; readonly tried?: LetterTrial }

/** What a letter came to when it was tried again, and when: epoch milliseconds. */
export type LetterTrial = LetterFailure & { readonly triedAt: number }

const status = z.enum(['open', 'parked', 'superseded', 'retried', 'skipped'])
const code = z.enum([
  'configuration',
  'authentication',
  'connection',
  'throttled',
  'timeout',
  'schema',
  'record',
  'gap',
  'unsupported',
  'unknown',
])
const statusLine = z.strictObject({ id: z.string(), status, at: z.number() })
const trialLine = statusLine.extend({ code, reason: z.string() })
const letterLine = z.object({
  id: z.string(),
  sink: z.string(),
  at: z.number(),
  status,
  code,
  reason: z.string(),
  table: z.string().exactOptional(),
  rowKey: z.string().exactOptional(),
  time: z.number(),
  event: z.string().exactOptional(),
  bytes: z.base64().exactOptional(),
  raw: z.boolean().exactOptional(),
  triedAt: z.number().exactOptional(),
})

/** One line, with its line break. The event is readable text unless its bytes are none; then it is base64. */
export function encodeLetter({ bytes, ...letter }: DeadLetter): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const body = isUtf8(buffer) ? { event: buffer.toString('utf8') } : { bytes: buffer.toString('base64') }
  return `${JSON.stringify({ ...letter, ...body })}\n`
}

export function encodeStatus(id: string, status: DeadLetterStatus, at: number, failure?: LetterFailure): string {
  return `${JSON.stringify({ id, status, at, ...(failure && { code: failure.code, reason: failure.reason }) })}\n`
}

/** Throws when the text is no such line. */
export function decodeLine(text: string): DeadLetterLine {
  const value: unknown = JSON.parse(text)
  const change = statusLine.safeParse(value)
  if (change.success) return { kind: 'status', id: change.data.id, status: change.data.status }
  const trial = trialLine.safeParse(value)
  if (trial.success) {
    const { id, status, at, code, reason } = trial.data
    return { kind: 'status', id, status, tried: { code, reason, triedAt: at } }
  }
  const { event, bytes, ...letter } = letterLine.parse(value)
  return {
    kind: 'letter',
    letter: { ...letter, bytes: event === undefined ? Buffer.from(bytes ?? '', 'base64') : Buffer.from(event) },
  }
}
