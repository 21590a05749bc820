import type { Client } from 'pg'
import type { CatalogTable } from '../catalog/catalog.js'
import { inTransaction } from '../connection/connect.js'
import { quoteTable, quoteText } from '../connection/quote.js'
import type { Settings } from '../settings.js'
import type { CaptureMode } from '../types.js'
import { baseStatements, captureTriggers, createTrigger, logTriggers } from './statements.js'

export const publicationName = 'eds_publication'

/** One installation at a time; the number stands for nothing else. */
const lockNumber = 0x656473

/** Makes what EDS keeps in the database, where it is missing, and resolves to the installation's mark. */
export async function installBase(client: Client, { schema }: Settings): Promise<string> {
  const own = quoteTable(schema, 'eds_installation')
  const { rows: found } = await client.query<{ there: string | null }>(`SELECT to_regclass(${quoteText(own)}) AS there`)
  const complete = found[0]?.there ? await readEpoch(client, own) : undefined
  if (complete !== undefined) return complete
  return inTransaction(client, async () => {
    await client.query(`SELECT pg_advisory_xact_lock(${lockNumber})`)
    for (const statement of baseStatements(schema)) await client.query(statement)
    return (await readEpoch(client, own)) ?? ''
  })
}

async function readEpoch(client: Client, table: string): Promise<string | undefined> {
  const { rows } = await client.query<{ epoch: string }>(`SELECT epoch FROM ${table}`)
  return rows[0]?.epoch
}

/**
 * Captures these tables from now on. Whoever writes to one is waited for, so that each change is either captured or visible
 * afterwards; new writers wait meanwhile.
 */
export async function captureTables(
  client: Client,
  tables: Iterable<CatalogTable>,
  mode: CaptureMode,
  settings: Settings,
): Promise<void> {
  for (const table of tables) {
    if (await isCaptured(client, table, mode)) continue
    await inTransaction(client, async () => {
      await client.query(`SET LOCAL lock_timeout = '10s'`)
      await client.query(`SELECT pg_advisory_xact_lock(${lockNumber})`)
      const name = quoteTable(table.shape.schema, table.shape.name)
      await client.query(`LOCK TABLE ${name} IN SHARE ROW EXCLUSIVE MODE`)
      if (!(await isCaptured(client, table, mode))) await capture(client, table, mode, settings)
    })
  }
}

async function capture(client: Client, table: CatalogTable, mode: CaptureMode, settings: Settings): Promise<void> {
  const name = quoteTable(table.shape.schema, table.shape.name)
  const triggers = mode === 'triggers' ? captureTriggers(settings.schema, name) : logTriggers(settings.schema, name)
  for (const [trigger, definition] of triggers) await client.query(createTrigger(trigger, definition))
  if (mode === 'triggers') return
  if (settings.replicaIdentity === 'full') await widenIdentity(client, table, settings)
  const { rowCount } = await client.query(`SELECT FROM pg_publication WHERE pubname = '${publicationName}'`)
  if (rowCount) await client.query(`ALTER PUBLICATION ${publicationName} ADD TABLE ${name}`)
  else {
    const options = `publish = 'insert, update, delete, truncate', publish_via_partition_root = true`
    await client.query(`CREATE PUBLICATION ${publicationName} FOR TABLE ${name} WITH (${options})`)
  }
}

/** Remembers what the table had, so that removing puts it back. */
async function widenIdentity(client: Client, table: CatalogTable, { schema }: Settings): Promise<void> {
  if (table.identity === 'f' || table.identity === 'i') return
  const own = quoteTable(schema, 'eds_identity')
  const { rows } = await client.query<{ oid: string; name: string; identity: string }>(
    `SELECT c.oid::int8 AS oid, c.oid::regclass::text AS name, c.relreplident AS identity FROM pg_class c
     WHERE c.oid = ${table.oid} OR c.oid IN (SELECT relid FROM pg_partition_tree(${table.oid}))`,
  )
  for (const { oid, name, identity } of rows) {
    await client.query(`INSERT INTO ${own} VALUES (${oid}, '${identity}') ON CONFLICT DO NOTHING`)
    await client.query(`ALTER TABLE ${name} REPLICA IDENTITY FULL`)
  }
}

async function isCaptured(client: Client, { oid }: CatalogTable, mode: CaptureMode): Promise<boolean> {
  const trigger = mode === 'triggers' ? 'eds_truncate' : 'eds_truncate_log'
  const published = `SELECT FROM pg_publication_rel r JOIN pg_publication p ON p.oid = r.prpubid
    WHERE p.pubname = '${publicationName}' AND r.prrelid = ${oid}`
  const { rowCount } = await client.query(
    `SELECT FROM pg_trigger WHERE tgrelid = ${oid} AND tgname = '${trigger}' ${mode === 'triggers' ? '' : `AND EXISTS (${published})`}`,
  )
  return (rowCount ?? 0) > 0
}
