import { keyText, stringifyJson } from '@eds/core'
import type { PublishedMessage } from './published-message.js'

/** What a published event needs beside its message. */
export interface PublicationFacts {
  /** Unique. */
  readonly id: string
  /** When it was published, epoch milliseconds. */
  readonly now: number
  /** Where it comes from, when the message does not say. */
  readonly defaultSource: string
}

const operations = { insert: 'INSERT', update: 'UPDATE', delete: 'DELETE' } as const

/**
 * The change event of a published message, as JSON text. Beside the usual fields it has `source`, `source_type` (`api`) and `version`.
 * Its key is the row's `id`; a row without one is a row of its own.
 */
export function encodePublishedEvent(message: PublishedMessage, { id, now, defaultSource }: PublicationFacts): string {
  const { data, type, userId, table, timestamp = now, source = defaultSource, version = 1 } = message
  const event = {
    operation: operations[type],
    id,
    table,
    key: ['api', keyText(data.id) ?? id],
    modelVersion: 'api',
    userId,
    ...(type === 'delete' ? { before: data } : { after: data }),
    timestamp,
    mvccTimestamp: `${now}000000.0000000000`,
    source,
    source_type: 'api',
    version,
  }
  return stringifyJson(event) ?? ''
}
