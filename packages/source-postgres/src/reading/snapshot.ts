import type { Client } from 'pg'
import type { Catalog, CatalogTable } from '../catalog/catalog.js'
import { quoteName, quoteTable, quoteText } from '../connection/quote.js'
import type { Tuple } from '../event/captured-change.js'
import type { TableShape } from '../event/table-shape.js'
import type { RowPlace } from '../position.js'

export interface SnapshotRow {
  readonly place: RowPlace
  readonly shape: TableShape
  readonly tuple: Tuple
}

export interface SnapshotRequest {
  readonly client: Client
  readonly catalog: Catalog
  readonly tables: readonly number[]
  /** Goes on behind this row. */
  readonly after?: RowPlace
  /** A snapshot that a replication slot exported. */
  readonly exported?: string
  readonly bufferBytes: number
  /** Runs first, in the view in which the rows are read. */
  readonly onView?: () => Promise<void>
}

interface Part {
  readonly table: CatalogTable
  readonly oid: number
  readonly name: string
  readonly file: number
}

const mostRows = 64

/**
 * Rows of tables in one consistent view, in the order of their numbers and then as they lie in their files. That order lets reading go
 * on behind any row without remembering keys: a row that was moved since was changed since, and comes as a change.
 */
export async function* snapshotRows(request: SnapshotRequest): AsyncGenerator<SnapshotRow[]> {
  const { client, exported, after } = request
  let held: SnapshotRow[] | undefined
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
  try {
    if (exported !== undefined) await client.query(`SET TRANSACTION SNAPSHOT ${quoteText(exported)}`)
    await client.query('SET LOCAL synchronize_seqscans = off; SET LOCAL max_parallel_workers_per_gather = 0')
    await request.onView?.()
    for (const part of await partsOf(request)) {
      if (after && part.oid < after.table) continue
      const from = after && part.oid === after.table && part.file === after.file ? after : undefined
      for await (const rows of partRows(request, part, from)) {
        if (held) yield held
        held = rows
      }
    }
  } finally {
    await client.query('ROLLBACK').catch(() => {})
  }
  // Behind the end of the transaction: the last rows, often the only ones, hold no lock while somebody works on them.
  if (held) yield held
}

async function partsOf({ client, catalog, tables }: SnapshotRequest): Promise<Part[]> {
  const parts: Part[] = []
  for (const number of tables) {
    const table = catalog.tables.get(number)
    if (!table) continue
    const { rows } = await client.query<{ oid: string; schema: string; name: string; file: string }>(
      `SELECT c.oid::int8 AS oid, n.nspname AS schema, c.relname AS name, pg_relation_filenode(c.oid)::int8 AS file
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'r'
         AND ${table.isPartitioned ? `c.oid IN (SELECT relid FROM pg_partition_tree(${number}))` : `c.oid = ${number}`}`,
    )
    for (const row of rows) {
      parts.push({ table, oid: Number(row.oid), name: quoteTable(row.schema, row.name), file: Number(row.file) })
    }
  }
  return parts.sort((left, right) => left.oid - right.oid)
}

async function* partRows(
  { client, bufferBytes }: SnapshotRequest,
  { table: { shape }, oid, name, file }: Part,
  from: RowPlace | undefined,
): AsyncGenerator<SnapshotRow[]> {
  const columns = shape.columns.map((column) => `, ${quoteName(column.name)}`).join('')
  const condition = from ? ` WHERE ctid > '(${from.block},${from.offset})'::tid` : ''
  await client.query(`DECLARE eds_rows NO SCROLL CURSOR FOR SELECT ctid${columns} FROM ONLY ${name}${condition}`)
  let largest = 1
  for (;;) {
    const count = Math.max(1, Math.min(mostRows, Math.floor(bufferBytes / largest)))
    const { rows } = await client.query<(string | null)[]>({ text: `FETCH ${count} FROM eds_rows`, rowMode: 'array' })
    if (rows.length === 0) break
    for (const row of rows)
      largest = Math.max(
        largest,
        row.reduce((sum, value) => sum + (value?.length ?? 0), 0),
      )
    yield rows.map(([ctid, ...tuple]) => ({ place: { table: oid, file, ...tidOf(ctid ?? '') }, shape, tuple }))
  }
  await client.query('CLOSE eds_rows')
}

function tidOf(text: string): { block: number; offset: number } {
  const [block = '0', offset = '0'] = text.slice(1, -1).split(',')
  return { block: Number(block), offset: Number(offset) }
}
