import type { Clock, Logger } from '@eds/core'

/** How changes are captured: by a replication slot, or by triggers that write into an outbox. */
export type CaptureMode = 'triggers' | 'replication'

/** Options of the source `postgres`. */
export interface PostgresSourceOptions {
  /** `postgres://user:password@host:5432/database?sslmode=…`; characters of the password need no escaping. */
  readonly url: string
  /** `auto` (default): `replication` where the server and the rights allow it, else `triggers`; the log says which and why. */
  readonly mode?: CaptureMode | 'auto'
  /** Tables by name, `schema.table` outside of `public`. Default: every table of `public` that has a primary key, new ones too. */
  readonly tables?: readonly string[]
  /** What stands first in an event's key. Default: the database's name. */
  readonly region?: string
  /** Schema for what EDS keeps in the database. Default `public`. */
  readonly schema?: string
  /** Whether a new cursor begins with the rows that are there. Default true; `start: now` never does. */
  readonly snapshot?: boolean
  /**
   * Replication: `full` (default) sets REPLICA IDENTITY FULL, for whole `before` images; `keep` leaves the tables as they are, and
   * values that the log leaves out are read from the row.
   */
  readonly replicaIdentity?: 'full' | 'keep'
  /** Most bytes held for a slow pipeline, per reader; a single larger row still fits. Default 4 MiB. */
  readonly bufferBytes?: number
  /** How often to look for tables that came or changed, milliseconds. Default 5,000. */
  readonly refreshMs?: number
  /** Triggers: how often to look without having been woken, milliseconds. Default 1,000. */
  readonly pollMs?: number
  /** How long to wait for another reader of the same slot to let go, milliseconds. Default 5,000. */
  readonly takeoverMs?: number
  /** Default 10,000. */
  readonly connectTimeoutMs?: number
  readonly clock?: Clock
  readonly logger?: Logger
}

/** What {@link PostgresSource.remove} took away, by name. */
export interface Removal {
  readonly slots: readonly string[]
  readonly publications: readonly string[]
  /** `schema.table trigger` */
  readonly triggers: readonly string[]
  readonly tables: readonly string[]
}

/** A trigger that the former program esink left in the database: `<table>__publish_changes`. */
export interface EsinkTrigger {
  readonly schema: string
  readonly table: string
  readonly trigger: string
}

/** Where a cursor stands in the database. */
export interface CursorStatus {
  readonly cursor: string
  readonly mode: CaptureMode
  /** The last position acknowledged; absent before the first. */
  readonly position?: string
  /** Replication: bytes of the log that the server holds beyond what was acknowledged. Triggers: rows of the outbox. */
  readonly behind: number
}
