import { createHash } from 'node:crypto'
import type { Client } from 'pg'
import { connect } from '../connection/connect.js'
import { toSourceError } from '../errors.js'
import type { Settings } from '../settings.js'
import { parseLogNumber } from './log-number.js'

/** A slot as the server describes it. */
export interface SlotFacts {
  readonly confirmed: bigint
  /** The server took away log that it needs. */
  readonly isLost: boolean
  readonly activePid: string | undefined
}

/** A new slot: what committed before `at` is in the snapshot, what comes later in its stream. */
export interface NewSlot {
  readonly client: Client
  readonly at: bigint
  /** Valid until the client is used for anything else. */
  readonly snapshot: string
}

/**
 * Lower case, digits and underscores only, at most 63 characters. The number at the end tells databases apart, and cursors that differ
 * in other characters: a server's databases share one list of slots.
 */
export function slotName(cursor: string, database: string): string {
  const plain = cursor
    .toLowerCase()
    .replaceAll(/[^a-z0-9_]/g, '_')
    .slice(0, 40)
  const mark = createHash('sha256').update(`${database}\0${cursor}`).digest('hex').slice(0, 8)
  return `eds_${plain}_${mark}`
}

export async function readSlot(client: Client, slot: string): Promise<SlotFacts | undefined> {
  const { rows } = await client.query<Record<string, string | null>>(
    `SELECT confirmed_flush_lsn AS confirmed, active_pid AS pid, to_jsonb(s) ->> 'wal_status' AS status
     FROM pg_replication_slots s WHERE slot_name = $1`,
    [slot],
  )
  const [row] = rows
  if (!row) return undefined
  return {
    confirmed: parseLogNumber(row.confirmed ?? '0/0'),
    isLost: row.status === 'lost' || row.confirmed === null,
    activePid: row.pid ?? undefined,
  }
}

export async function createSlot(settings: Settings, slot: string): Promise<NewSlot> {
  const client = await connect(settings.endpoint, 'replication')
  try {
    const { rows } = await client.query<{ consistent_point: string; snapshot_name: string }>(
      `CREATE_REPLICATION_SLOT "${slot}" LOGICAL pgoutput EXPORT_SNAPSHOT`,
    )
    const [row] = rows
    return { client, at: parseLogNumber(row?.consistent_point ?? '0/0'), snapshot: row?.snapshot_name ?? '' }
  } catch (error) {
    await client.end()
    throw toSourceError(error, settings.endpoint.where)
  }
}

/** Idempotent. Rejects when somebody reads from it. */
export async function dropSlot(client: Client, slot: string): Promise<void> {
  await client.query(
    'SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = $1 AND database = current_database()',
    [slot],
  )
}
