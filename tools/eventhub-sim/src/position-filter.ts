import type { StoredEvent } from './event-store.js'

const expression = /^amqp\.annotation\.(x-opt-(?:offset|sequence-number|enqueued-time)) (>=?) '([^']*)'$/

/**
 * Where reading begins, as the index of the first event that the selector lets through. `undefined` when it cannot be read.
 * `@latest` is behind the last event, `-1` in front of the first.
 */
export function startOf(selector: string, events: readonly StoredEvent[]): number | undefined {
  const [, field, operator, value] = expression.exec(selector) ?? []
  if (field === undefined || value === undefined) return undefined
  if (value === '@latest') return events.length
  const limit = Number(value)
  if (!Number.isFinite(limit)) return undefined
  const found = events.findIndex((event) => {
    const own = fieldOf(event, field)
    return operator === '>=' ? own >= limit : own > limit
  })
  return found < 0 ? events.length : found
}

function fieldOf(event: StoredEvent, field: string): number {
  if (field === 'x-opt-offset') return Number(event.offset)
  return field === 'x-opt-sequence-number' ? event.sequenceNumber : event.enqueuedTime
}
