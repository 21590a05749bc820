import type { Client } from 'pg'
import type { CaptureMode } from '../types.js'

export interface ModeChoice {
  readonly mode: CaptureMode
  /** Why, for people. */
  readonly reason: string
}

/** What decides whether replication can be used. */
export interface ServerFacts {
  readonly walLevel: string
  readonly mayReplicate: boolean
  readonly mayPublish: boolean
  readonly freeSlots: number
  readonly ownsTables: boolean
}

/** Pure. */
export function chooseMode({ walLevel, mayReplicate, mayPublish, freeSlots, ownsTables }: ServerFacts): ModeChoice {
  if (walLevel !== 'logical') return { mode: 'triggers', reason: `wal_level is ${walLevel}, replication needs logical` }
  if (!mayReplicate) return { mode: 'triggers', reason: 'the role may not replicate' }
  if (!mayPublish) return { mode: 'triggers', reason: 'the role may not create a publication in this database' }
  if (!ownsTables) return { mode: 'triggers', reason: 'the role does not own all tables, so it cannot publish them' }
  if (freeSlots < 1) return { mode: 'triggers', reason: 'no replication slot is free (max_replication_slots)' }
  return { mode: 'replication', reason: 'the server and the rights of the role allow it' }
}

export async function readServerFacts(client: Client, tables: readonly number[]): Promise<ServerFacts> {
  const { rows } = await client.query<Record<string, string>>(
    `SELECT current_setting('wal_level') AS level,
       (SELECT rolsuper OR rolreplication OR EXISTS (SELECT FROM pg_roles m WHERE m.rolname IN ('rds_replication', 'cloudsqlsuperuser')
         AND pg_has_role(r.oid, m.oid, 'member')) FROM pg_roles r WHERE rolname = current_user) AS replicate,
       has_database_privilege(current_database(), 'CREATE') AS publish,
       current_setting('max_replication_slots')::int - (SELECT count(*) FROM pg_replication_slots) AS free,
       (SELECT coalesce(bool_and(pg_has_role(relowner, 'USAGE')), true) FROM pg_class WHERE oid = ANY ($1::oid[])) AS owns`,
    [`{${tables.join(',')}}`],
  )
  const [row = {}] = rows
  return {
    walLevel: row.level ?? '',
    mayReplicate: row.replicate === 't',
    mayPublish: row.publish === 't',
    freeSlots: Number(row.free),
    ownsTables: row.owns === 't',
  }
}
