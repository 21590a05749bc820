import { createHash } from 'node:crypto'
import { compareMvcc } from '@eds/core'
import type { RowText } from '@eds/sql'
import type { MysqlTable } from './plan.js'
import type { RowCollector, SentRow } from './row-collector.js'
import type { Session } from './session.js'
import { buriedQuery, buryStatement, tombstones } from './statements.js'

/** Keys that are asked for, or buried, with one statement. */
const chunkRows = 500

/** Rows of a table without those that a newer change has deleted. */
export async function withoutBuried(
  { plan, removed, changed }: RowCollector,
  session: Session,
  signal: AbortSignal,
): Promise<Pick<RowCollector, 'plan' | 'removed' | 'changed'>> {
  const rows = [...changed.values()].flat()
  const buried = await readBuried(session, plan, rows, signal)
  if (buried.size === 0) return { plan, removed, changed }
  const isBuried = ({ texts, position }: SentRow) =>
    compareMvcc(buried.get(tombstoneKey(texts, plan)) ?? '', position) > 0
  const left = [...changed].map(([set, all]) => [set, all.filter((row) => !isBuried(row))] as const)
  return { plan, removed, changed: new Map(left) }
}

async function readBuried(
  session: Session,
  plan: MysqlTable,
  rows: readonly SentRow[],
  signal: AbortSignal,
): Promise<Map<string, string>> {
  const buried = new Map<string, string>()
  for (let from = 0; from < rows.length; from += chunkRows) {
    const keys = rows.slice(from, from + chunkRows).map(({ texts }) => tombstoneKey(texts, plan))
    const found = await session.query<{ key: string; mvcc: string }>(
      buriedQuery(keys.length),
      [plan.table, ...keys],
      signal,
    )
    for (const { key, mvcc } of found) buried.set(key, mvcc)
  }
  return buried
}

/** Remembers when rows were deleted. */
export async function bury({ plan, removed }: RowCollector, session: Session, signal: AbortSignal): Promise<void> {
  for (let from = 0; from < removed.length; from += chunkRows) {
    const rows = removed.slice(from, from + chunkRows)
    const values = rows.flatMap(({ texts, position }) => [plan.table, tombstoneKey(texts, plan), position])
    await session.query(buryStatement(rows.length), values, signal)
  }
}

/** Of one length, whatever the key's. */
function tombstoneKey(texts: RowText, { primaryKeys }: MysqlTable): string {
  return createHash('sha256')
    .update(JSON.stringify(texts.slice(0, primaryKeys.length)))
    .digest('hex')
}

/** Deletes the tombstones made before an instant (RFC 3339, UTC). */
export async function forgetBefore(session: Session, instant: string, signal: AbortSignal): Promise<void> {
  const time = instant.replace('T', ' ').replace('Z', '')
  await session.query(`DELETE FROM ${tombstones} WHERE deleted_at < ?`, [time], signal)
}

/** The table begins anew: what was deleted from the old one says nothing about the new one. */
export async function forgetTombstones(session: Session, table: string, signal: AbortSignal): Promise<void> {
  await session.query(`DELETE FROM ${tombstones} WHERE table_name = ?`, [table], signal)
  await session.commit(signal)
}
