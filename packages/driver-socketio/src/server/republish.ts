import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import type { ChangeMessage } from '../events.js'

const filled = z.string('must be a text').min(1, 'must not be empty')

const republishSchema = z.object({
  data: z.unknown().refine((data) => data !== undefined && data !== null, 'is required'),
  type: z.enum(['insert', 'update', 'delete'], 'must be insert, update or delete'),
  table: filled,
  timestamp: z.number('must be a number').int('must be a whole number').optional(),
  version: z.number('must be a number').optional(),
})

/** What a socket sent as `event` → the message, or what is wrong with it. A `userId` and a `source` in it mean nothing. */
export function parseRepublish(body: unknown, now: number): ChangeMessage | { readonly problem: string } {
  const parsed = republishSchema.safeParse(body)
  if (!parsed.success) {
    return { problem: parsed.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`.trim()).join('; ') }
  }
  const { data, type, table, timestamp = now, version = 1 } = parsed.data
  return { id: randomUUID(), table, type, data, source: 'socketio', source_type: 'socketio', timestamp, version }
}
