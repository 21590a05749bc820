import { tombstoneTable } from '@eds/sql'
import { SqlServerDialect } from './dialect.js'
import { quoteLiteral } from './identifier.js'
import type { Session } from './session.js'

/** Deletes the tombstones made before an instant (RFC 3339, UTC). */
export async function forgetBefore(session: Session, instant: string, signal: AbortSignal): Promise<void> {
  const table = new SqlServerDialect(session.server.schemaName).qualified(tombstoneTable)
  const moment = `CAST(${quoteLiteral(instant.replace('Z', ''))} AS DATETIME2(3))`
  await session.query(`DELETE FROM ${table} WHERE [deleted_at] < ${moment}`, signal)
}

/** The table begins anew: what was deleted from the old one says nothing about the new one. */
export async function forgetTombstones(session: Session, table: string, signal: AbortSignal): Promise<void> {
  const tombstones = new SqlServerDialect(session.server.schemaName).qualified(tombstoneTable)
  const [found] = await session.query<{ id: number | null }>(
    `SELECT OBJECT_ID(${quoteLiteral(tombstones)}) AS [id]`,
    signal,
  )
  if (found?.id == null) return
  await session.query(`DELETE FROM ${tombstones} WHERE [table_name] = ${quoteLiteral(table)}`, signal)
}
