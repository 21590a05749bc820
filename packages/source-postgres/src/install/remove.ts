import type { Client } from 'pg'
import { inTransaction } from '../connection/connect.js'
import { quoteName, quoteTable, quoteText } from '../connection/quote.js'
import { lockCursor } from '../reading/cursor-lock.js'
import type { Settings } from '../settings.js'
import type { EsinkTrigger, Removal } from '../types.js'
import { publicationName } from './install.js'

const ownTables = ['eds_cursor', 'eds_outbox', 'eds_identity', 'eds_installation']
const ownFunctions = ['eds_capture', 'eds_wake', 'eds_truncate', 'eds_truncate_log']

/** Takes away everything that EDS has installed in the database, whichever mode and cursor it was for. */
export async function removeAll(client: Client, settings: Settings): Promise<Removal> {
  const { schema } = settings
  await lockCursors(client, settings)
  const slots = await dropSlots(client, 'eds\\_%')
  return inTransaction(client, async () => {
    const triggers = await dropTriggers(client, schema, ownFunctions)
    const { rowCount } = await client.query(`SELECT FROM pg_publication WHERE pubname = '${publicationName}'`)
    await client.query(`DROP PUBLICATION IF EXISTS ${publicationName}`)
    await restoreIdentities(client, schema)
    const tables: string[] = []
    for (const name of ownTables) {
      if (!(await exists(client, quoteTable(schema, name)))) continue
      await client.query(`DROP TABLE ${quoteTable(schema, name)}`)
      tables.push(name)
    }
    for (const name of ownFunctions) await client.query(`DROP FUNCTION IF EXISTS ${quoteTable(schema, name)}()`)
    return { slots, publications: rowCount ? [publicationName] : [], triggers, tables }
  })
}

/** Whoever still reads would miss what is taken away, and make it anew. */
async function lockCursors(client: Client, settings: Settings): Promise<void> {
  const table = quoteTable(settings.schema, 'eds_cursor')
  if (!(await exists(client, table))) return
  const { rows } = await client.query<{ cursor: string }>(`SELECT cursor FROM ${table}`)
  for (const { cursor } of rows) await lockCursor(client, cursor, settings, settings.takeoverMs)
}

/** Stops writing into the outbox, for nobody reads it any more. Whoever kept a position cannot go on from it: changes are missing. */
export async function stopOutbox(client: Client, schema: string): Promise<void> {
  await inTransaction(client, async () => {
    await dropTriggers(client, schema, ['eds_capture', 'eds_wake', 'eds_truncate'])
    const outbox = quoteTable(schema, 'eds_outbox')
    const next = `nextval(pg_get_serial_sequence(${quoteText(outbox)}, 'id'))`
    await client.query(`UPDATE ${quoteTable(schema, 'eds_installation')} SET trimmed = ${next}`)
    await client.query(`DELETE FROM ${outbox}`)
  })
}

/** Slots of this database whose name is like that. One that is in use makes it reject, naming the process. */
export async function dropSlots(client: Client, like: string): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT slot_name AS name FROM pg_replication_slots WHERE database = current_database() AND slot_name LIKE $1`,
    [like],
  )
  for (const { name } of rows) await client.query('SELECT pg_drop_replication_slot($1)', [name])
  return rows.map(({ name }) => name)
}

async function dropTriggers(client: Client, schema: string, functions: readonly string[]): Promise<string[]> {
  const { rows } = await client.query<{ schema: string; table: string; trigger: string }>(
    `SELECT n.nspname AS schema, c.relname AS table, t.tgname AS trigger
     FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
     JOIN pg_proc p ON p.oid = t.tgfoid JOIN pg_namespace f ON f.oid = p.pronamespace
     WHERE NOT t.tgisinternal AND t.tgparentid = 0 AND f.nspname = $1 AND p.proname = ANY ($2::text[])`,
    [schema, functions],
  )
  for (const { schema: at, table, trigger } of rows) {
    await client.query(`DROP TRIGGER ${quoteName(trigger)} ON ${quoteTable(at, table)}`)
  }
  return rows.map((row) => `${row.schema}.${row.table} ${row.trigger}`)
}

async function restoreIdentities(client: Client, schema: string): Promise<void> {
  const own = quoteTable(schema, 'eds_identity')
  if (!(await exists(client, own))) return
  const { rows } = await client.query<{ name: string; identity: string }>(
    `SELECT c.oid::regclass::text AS name, i.identity FROM ${own} i JOIN pg_class c ON c.oid = i.relation::oid`,
  )
  for (const { name, identity } of rows) {
    await client.query(`ALTER TABLE ${name} REPLICA IDENTITY ${identity === 'n' ? 'NOTHING' : 'DEFAULT'}`)
  }
}

export async function exists(client: Client, name: string): Promise<boolean> {
  const { rows } = await client.query<{ there: string | null }>('SELECT to_regclass($1) AS there', [name])
  return rows[0]?.there != null
}

/** What esink left: its triggers go on failing large writes. */
export async function findEsink(client: Client): Promise<EsinkTrigger[]> {
  const { rows } = await client.query<{ schema: string; table: string; trigger: string }>(
    `SELECT n.nspname AS schema, c.relname AS table, t.tgname AS trigger
     FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
     JOIN pg_proc p ON p.oid = t.tgfoid
     WHERE NOT t.tgisinternal AND t.tgparentid = 0 AND t.tgname LIKE '%\\_\\_publish\\_changes' AND p.proname = 'publish_changes'
     ORDER BY 1, 2, 3`,
  )
  return rows
}

/** Removes esink's triggers, and its function where nothing uses it any more. */
export async function removeEsink(client: Client): Promise<EsinkTrigger[]> {
  const found = await findEsink(client)
  await inTransaction(client, async () => {
    for (const { schema, table, trigger } of found) {
      await client.query(`DROP TRIGGER ${quoteName(trigger)} ON ${quoteTable(schema, table)}`)
    }
    const { rows } = await client.query<{ name: string }>(
      `SELECT p.oid::regprocedure::text AS name FROM pg_proc p
       WHERE p.proname = 'publish_changes' AND p.prorettype = 'trigger'::regtype
         AND NOT EXISTS (SELECT FROM pg_trigger t WHERE t.tgfoid = p.oid)`,
    )
    for (const { name } of rows) await client.query(`DROP FUNCTION ${name}`)
  })
  return found
}
