import type { Database } from './database.js'
import type { MysqlSettings } from './settings.js'

const cascadesQuery = `
SELECT TABLE_NAME AS child, CONSTRAINT_NAME AS name FROM information_schema.REFERENTIAL_CONSTRAINTS
WHERE CONSTRAINT_SCHEMA = ? AND (DELETE_RULE IN ('CASCADE', 'SET NULL') OR UPDATE_RULE IN ('CASCADE', 'SET NULL'))`

/**
 * Warns of foreign keys that change rows of other tables: the storage engine does so without triggers and without row events.
 * https://mariadb.com/kb/en/trigger-limitations/
 */
export async function warnOfCascades(database: Database, { database: name, logger }: MysqlSettings): Promise<void> {
  const constraints = await database.query<{ child: string; name: string }>(cascadesQuery, [name])
  if (constraints.length === 0) return
  logger.warn({ constraints }, 'changes that these foreign keys make in other tables cannot be captured')
}
