import type { Logger } from '@eds/core'
import type { RowDataPacket } from 'mysql2'
import type { RealtimeSettings } from '../settings/realtime.js'

/** What an outbox of EDS has, and no other table is likely to. */
const ownColumns = ['sequence', 'before_image', 'after_image']

/**
 * esink makes its table anew with each start and leaves it behind. One that is in the place of our outbox is removed when it is empty, and
 * otherwise named.
 *
 * @returns what stands in the way; `undefined`: nothing
 */
export async function clearOutboxPlace(
  { database, outboxTable, mode }: Pick<RealtimeSettings, 'database' | 'outboxTable' | 'mode'>,
  logger: Pick<Logger, 'info'>,
): Promise<string | undefined> {
  if (database.kind !== 'mysql' || mode === 'binlog') return undefined
  const { createConnection } = await import('mysql2/promise')
  const { escapeId } = await import('mysql2')
  const connection = await createConnection(database.url.replace(/^mariadb:/, 'mysql:'))
  try {
    const text =
      'SELECT COLUMN_NAME AS name FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ?'
    const [columns] = await connection.query<RowDataPacket[]>(text, [outboxTable])
    const names = columns.map(({ name }) => String(name))
    if (names.length === 0 || ownColumns.every((column) => names.includes(column))) return undefined
    const [rows] = await connection.query<RowDataPacket[]>(`SELECT 1 FROM ${escapeId(outboxTable)} LIMIT 1`)
    if (rows.length > 0) {
      return `MYSQL_TABLE_TARGET: table "${outboxTable}" holds rows of another program: remove it, or name another`
    }
    await connection.query(`DROP TABLE ${escapeId(outboxTable)}`)
    logger.info({}, `the empty table "${outboxTable}" that esink left was removed`)
    return undefined
  } finally {
    connection.destroy()
  }
}
