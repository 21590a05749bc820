import type { Position } from './position.js'

/** Where a cursor without a position begins. */
export type StartAt =
  | { readonly at: 'resume' }
  | { readonly at: 'beginning' }
  | { readonly at: 'now' }
  /** Epoch milliseconds: the first event that the source stored at or after it. */
  | { readonly at: 'time'; readonly time: number }

export interface OpenRequest {
  /** Names the reader's durable place at the source: one per sink, independent of all others. `[A-Za-z0-9_-]+` */
  readonly cursor: string
  /**
   * The last position that is durable at the destination. Delivery goes on just after it, whatever the transport remembers.
   * Absent: from what the source itself remembers for this cursor, else from {@link start}.
   */
  readonly after?: Position
  /** For a cursor that neither side remembers. `resume` means the source's own default. */
  readonly start: StartAt
  readonly signal: AbortSignal
}

/** An ordered, durable stream of change events. */
export interface Source {
  /** For people and logs, without secrets: `nats://localhost:4222 stream dbchange`. */
  readonly description: string
  /**
   * Starts reading. Rejects with `EdsError`: `connection` when the source cannot be reached (the pipeline will try again),
   * `gap` when what comes after `after` is gone or the source holds less than `after` says (retention, a stream made anew),
   * naming both ends.
   */
  open(request: OpenRequest): Promise<SourceReader>
  /** Forgets a cursor, so that a removed sink pins no slot, outbox or consumer. Idempotent. */
  forget(cursor: string): Promise<void>
  /** Gives back shared connections. Idempotent. */
  close(): Promise<void>
}

/**
 * One reader of one cursor. Iterating gives chunks as they arrive: contiguous and in order from just after the last durable
 * position. Within one reader nothing repeats and nothing is skipped; a new reader may repeat what was not acknowledged.
 *
 * The reader stops pulling while its consumer does not ask for more: what it holds is bounded in bytes. While deliveries wait
 * for their acknowledgement it keeps them alive at the source by itself (in-progress acknowledgements). Transport trouble that it
 * can heal without skipping (reconnect, stalled pull) it heals silently; otherwise the iteration throws an `EdsError` with the
 * codes of {@link Source.open}, and the pipeline opens a new reader. Iteration ends normally when the source is finite and read
 * through, or after `close`.
 */
export interface SourceReader extends AsyncIterable<readonly Delivery[]> {
  /**
   * Everything up to and including this delivery is durable at the destination. Cumulative; resolves when the acknowledgement was
   * sent or recorded, which is not to say that it cannot be lost: the pipeline keeps its own position too.
   */
  acknowledge(through: Delivery): Promise<void>
  /** How many events the source holds beyond those delivered, when it says so. */
  behind?(): number | undefined
  /** Stops reading. Unacknowledged deliveries stay with the source. Idempotent, does not throw. */
  close(): Promise<void>
}

/** One message of a source. */
export interface Delivery {
  readonly position: Position
  /** The event's JSON text in UTF-8, already decompressed and converted where the transport packs it. */
  readonly bytes: Uint8Array
  /** When the source stored it, epoch milliseconds. */
  readonly time: number
  /** Set when the message could not even be unpacked: the reason. `bytes` then holds what came. It goes to the dead letters. */
  readonly defect?: string
}

/** Types the source and keeps it as it is. */
export function defineSource<Options>(factory: (options: Options) => Source): (options: Options) => Source {
  return factory
}
