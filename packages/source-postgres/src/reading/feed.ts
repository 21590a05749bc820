import type { CapturedChange } from '../event/captured-change.js'

/** A change and its place. */
export interface FeedChange {
  readonly at: bigint
  readonly index: number
  readonly change: CapturedChange
}

/** Changes in order, as a mode gives them. */
export interface ChangeFeed {
  /**
   * The next changes, none behind `limit` in the order of `at`; empty when none came for a while. Rejects with `EdsError` when the
   * connection broke.
   */
  next(limit?: bigint): Promise<readonly FeedChange[]>
  /** Whether every change up to `at` was given. */
  reached(at: bigint): boolean
  /** Everything up to this place is durable, and recorded as such: the database may forget it. */
  release(at: bigint, index: number): Promise<void>
  /**
   * Called within a new snapshot that begins at `at` and reads whole tables: changes of these tables behind `at` that it shows already are not
   * given again by this feed.
   */
  skipVisible?(at: bigint, tables: readonly number[]): Promise<void>
  behind(): number | undefined
  close(): Promise<void>
}
