import type { SchemaRegistry, Source } from '@eds/core'

/** A source of a database's changes, which also knows the schemas that its events follow. */
export interface MysqlSource extends Source {
  /** For the pipeline's option `registry`: schemas as the database's catalog declares them, under the versions that the events name. */
  readonly registry: SchemaRegistry
}
