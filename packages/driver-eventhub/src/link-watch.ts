import type { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'
import type { EventHubProducerClient } from '@azure/event-hubs'

/**
 * The client library tells nobody when its connection or link ends: sends that wait for an answer only time out. These are the
 * parts of it (version 6) that know. All are looked for with care: where a version keeps them elsewhere, the time limit remains.
 */
interface Internals {
  readonly _context?: {
    readonly connection?: EventEmitter & { readonly _connection?: { readonly socket?: Socket } }
    readonly senders?: Readonly<Record<string, { readonly _sender?: EventEmitter }>>
  }
}

function contextOf(client: EventHubProducerClient): NonNullable<Internals['_context']> {
  // The members are private in the declarations only.
  return (client as unknown as Internals)._context ?? {}
}

/** Calls back when the connection, or one of the links that are open now, ends. */
export function watchForLoss(client: EventHubProducerClient, onLost: (detail: string) => void): void {
  const { connection, senders = {} } = contextOf(client)
  connection?.once('disconnected', () => onLost('the connection was lost'))
  for (const { _sender: link } of Object.values(senders)) {
    link?.once('sender_error', () => onLost('the service detached the link'))
    link?.once('sender_close', () => onLost('the service closed the link'))
  }
}

/**
 * Ends the connection without asking the other side, which may not answer. With an error, because that is what the library listens
 * for: else its timers go on.
 */
export function destroyConnection(client: EventHubProducerClient): void {
  contextOf(client).connection?._connection?.socket?.destroy(new Error('the connection was given up'))
}
