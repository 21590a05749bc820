import { createCursors } from '../cursors.js'
import { quoteName } from '../value-sql.js'

export const stateTable = 'eds_state'
export const schemasTable = 'eds_schemas'

/**
 * The triggers append to it. `id` only tells rows apart and rises per changed row; the order of delivery is `sequence`, which is given
 * when the row is seen committed: see `Sequencer`.
 */
export function createOutbox(outbox: string): string {
  return `
CREATE TABLE IF NOT EXISTS ${quoteName(outbox)} (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  sequence BIGINT UNSIGNED NULL,
  operation CHAR(1) CHARACTER SET ascii NOT NULL,
  table_name VARCHAR(64) NOT NULL,
  model_version CHAR(16) CHARACTER SET ascii NOT NULL,
  changed_at BIGINT NOT NULL,
  before_image LONGTEXT NULL,
  after_image LONGTEXT NULL,
  bytes BIGINT UNSIGNED AS (COALESCE(OCTET_LENGTH(before_image), 0) + COALESCE(OCTET_LENGTH(after_image), 0)) STORED,
  KEY sequence (sequence)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`
}

/** The last sequence that was given, per outbox; its creation time tells an outbox from one made anew. */
const createState = `
CREATE TABLE IF NOT EXISTS ${stateTable} (
  stream VARCHAR(64) NOT NULL PRIMARY KEY,
  created_ms BIGINT UNSIGNED NOT NULL,
  sequence BIGINT UNSIGNED NOT NULL
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`

/** Columns of the versions that rows in the outbox may still have. */
const createSchemas = `
CREATE TABLE IF NOT EXISTS ${schemasTable} (
  table_name VARCHAR(64) NOT NULL,
  model_version CHAR(16) CHARACTER SET ascii NOT NULL,
  definition LONGTEXT NOT NULL,
  PRIMARY KEY (table_name, model_version)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`

/** Statements that make what is missing, in order. */
export function createTables(outbox: string): readonly string[] {
  return [createCursors, createState, createSchemas, createOutbox(outbox)]
}
