import { tombstoneTable } from '@eds/sql'
import { qualify } from './identifier.js'
import type { Session } from './session.js'
import { readCatalog } from './tables.js'

/** Deletes the tombstones made before an instant (RFC 3339, UTC). */
export async function forgetBefore(session: Session, instant: string, signal: AbortSignal): Promise<void> {
  const text = `DELETE FROM ${qualify(session.server, tombstoneTable)} WHERE "deleted_at" < TO_TIMESTAMP_NTZ(?)`
  await session.run({ text, binds: [instant] }, signal, { table: tombstoneTable })
}

/** The table begins anew: what was deleted from the old one says nothing about the new one. */
export async function forgetTombstones(session: Session, table: string, signal: AbortSignal): Promise<void> {
  const catalog = await readCatalog(session, [tombstoneTable], signal)
  if (!catalog.has(tombstoneTable)) return
  const text = `DELETE FROM ${qualify(session.server, tombstoneTable)} WHERE "table_name" = ?`
  await session.run({ text, binds: [table] }, signal, { table: tombstoneTable })
}
