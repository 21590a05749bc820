import { tombstoneTable } from '@eds/sql'
import { PostgresDialect } from './dialect.js'
import type { Session } from './session.js'

/** Deletes the tombstones made before an instant (RFC 3339). */
export async function forgetBefore(session: Session, instant: string, signal: AbortSignal): Promise<void> {
  const table = new PostgresDialect(session.server.schemaName).qualified(tombstoneTable)
  await session.query(`DELETE FROM ${table} WHERE deleted_at < $1::timestamptz`, [instant], signal)
}

/** The table begins anew: what was deleted from the old one says nothing about the new one. */
export async function forgetTombstones(session: Session, table: string, signal: AbortSignal): Promise<void> {
  const tombstones = new PostgresDialect(session.server.schemaName).qualified(tombstoneTable)
  const [found] = await session.query<{ found: boolean }>(
    'SELECT to_regclass($1) IS NOT NULL AS found',
    [tombstones],
    signal,
  )
  if (found?.found) await session.query(`DELETE FROM ${tombstones} WHERE table_name = $1`, [table], signal)
}
