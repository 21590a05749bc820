import type { ErrorCode } from '../errors.js'
import type { Position } from '../position.js'

/**
 * - `open`: failed, waits for a person.
 * - `parked`: could be applied, but stands behind an open one of the same row.
 * - `superseded`: a later full image or delete of the row was applied, so there is nothing left to repair.
 * - `retried`: applied later, by `retry`.
 * - `skipped`: given up by a person, by `skip`.
 */
export type DeadLetterStatus = 'open' | 'parked' | 'superseded' | 'retried' | 'skipped'

/** An event that was set aside, with all it takes to understand it and to apply it again. */
export interface DeadLetter {
  /** The position; unique within the sink. */
  readonly id: Position
  readonly sink: string
  /** When it was set aside, epoch milliseconds. */
  readonly at: number
  readonly status: DeadLetterStatus
  readonly code: ErrorCode
  /** Why, for people; no secret. */
  readonly reason: string
  /** Known unless the bytes could not be decoded. */
  readonly table?: string
  readonly rowKey?: string
  /** When the change was made; when the source stored it, if the message cannot be read. Epoch milliseconds. */
  readonly time: number
  /** The event's bytes as they would have been sent: original, or masked when a transform masks. */
  readonly bytes: Uint8Array
  /** When it was tried again the last time and failed with `code` and `reason`, epoch milliseconds. */
  readonly triedAt?: number
  /** True when it was set aside before every stage had seen it: `bytes` are the source's, and a retry runs the stages first. */
  readonly raw?: boolean
}

/** Why a letter could not be applied. */
export type LetterFailure = Pick<DeadLetter, 'code' | 'reason'>

/** A sink's dead letters. One writer at a time. */
export interface DeadLetterLog {
  /** Resolves when they are durable. A letter whose id is there already, and not closed, is not added again. */
  append(letters: readonly DeadLetter[]): Promise<void>
  /**
   * Resolves when the new status is durable. Unknown ids are ignored. What a crash leaves of it are the first of the ids. A `failure`, of
   * letters that were tried again, takes the place of the one that they had, and `triedAt` is now.
   */
  mark(ids: readonly Position[], status: DeadLetterStatus, failure?: LetterFailure): Promise<void>
  /** All letters in position order, or those of the given status. */
  list(filter?: { readonly status?: readonly DeadLetterStatus[] }): AsyncIterable<DeadLetter>
  close(): Promise<void>
}

export interface DeadLetterStore {
  /** Opens (or makes) the log of a sink. */
  open(sink: string): Promise<DeadLetterLog>
}
