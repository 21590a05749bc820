import type { Position, SchemaRegistry, Source } from '@eds/core'

/** What {@link MysqlSource.remove} took away, by name. */
export interface Removal {
  readonly triggers: readonly string[]
  readonly tables: readonly string[]
}

/** Where a cursor stands in the database. */
export interface CursorStatus {
  readonly cursor: string
  readonly mode: 'binlog' | 'triggers'
  /** The last position acknowledged, or where the cursor began. */
  readonly position: Position
  /** Binlog: bytes of the log behind the position. Triggers: changes in the outbox behind it. */
  readonly behind: number
}

/** A source of a database's changes, which also knows the schemas that its events follow. */
export interface MysqlSource extends Source {
  /** For the pipeline's option `registry`: schemas as the database's catalog declares them, under the versions that the events name. */
  readonly registry: SchemaRegistry
  /** Every cursor that the database remembers. */
  cursors(): Promise<readonly CursorStatus[]>
  /**
   * Removes everything that EDS has put into the database: all cursors, outboxes and triggers, those of other programs with the same
   * database too. Rejects (`connection`), before anything is gone, while a cursor has a reader: it would install all of it anew. Idempotent.
   */
  remove(): Promise<Removal>
}
