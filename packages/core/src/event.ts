import type { BulkImporter } from './driver.js'
import type { JsonObject } from './json.js'
import type { Position } from './position.js'

export type Operation = 'INSERT' | 'UPDATE' | 'DELETE'

/** One row image: column name → value. Nulls are explicit; an absent column was not sent. */
export type Row = JsonObject

/**
 * One change of one row. The parsed form is made once by the pipeline and shared by every stage and driver: never modify it.
 * Field names are those of the wire (one JSON object per change).
 */
export interface ChangeEvent {
  readonly operation: Operation
  /** Unique id of the change. */
  readonly id: string
  /** Source table; may be a reserved word or hold any character. */
  readonly table: string
  /**
   * Region first, then the primary-key values, all as text; may be empty. Use `primaryKeyOf` (one column or several, with or
   * without row image) rather than indexing into it.
   */
  readonly key: readonly string[]
  /** Version of the table's schema that the row images follow. */
  readonly modelVersion: string
  readonly companyId?: string
  readonly locationId?: string
  readonly userId?: string
  /** The row before the change: on UPDATE and DELETE, when the source has it. */
  readonly before?: Row
  /** The row after the change: on INSERT and UPDATE. An UPDATE may carry fewer columns than the table has: the others did not change. */
  readonly after?: Row
  /** Names of the columns that changed. */
  readonly diff?: readonly string[]
  /** When the change was made, epoch milliseconds. */
  readonly timestamp: number
  /** `"<nanoseconds>.<logical>"`, larger than 2^53: compare with `compareMvcc`, never as a number. */
  readonly mvccTimestamp: string
  /** True for rows of a bulk import, never on the stream. */
  readonly imported?: boolean

  /** Where the event stands in its source. */
  readonly position: Position
  /**
   * The event's JSON text exactly as the source sent it (UTF-8, decompressed), unknown fields included. Byte-oriented destinations
   * send these. When a transform changed the event, the bytes were made anew from the changed form. Do not keep or modify the
   * array after `write` has settled.
   */
  readonly bytes: Uint8Array
  /**
   * Identifies the row within the sink: equal for two events exactly when they change the same row. For ordering, partitioning
   * and grouping; not meant to be shown or stored.
   */
  readonly rowKey: string
  /**
   * What the JSON text of the row images has behind backslashes, when whoever made the event has looked; spares others a look at the
   * bytes, which may be made on demand. `none`: there is no backslash; `characters`: none of them is followed by a `u`.
   */
  readonly escapes?: 'none' | 'characters' | 'unicode'
  /**
   * The JSON text of `after` by itself (valid UTF-8), when the source has it apart: only of imported rows, and only for importers that
   * read it ({@link BulkImporter.readsText}). Of such a row `after` and everything made from it is made when asked for, and throws
   * `EdsError('record')` when the text is no row; company, location and user are not told.
   */
  readonly afterBytes?: Uint8Array
  /** Object path that a validation rule chose for this event, relative to the destination's prefix; already safe (no `..`, not absolute). */
  readonly objectPath?: string
}
