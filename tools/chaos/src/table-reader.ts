import type { ReadTable } from '@eds/shop'
import pg from 'pg'

const chunkRows = 1000

/** Reads whole tables in chunks, every value as the text that PostgreSQL gives. */
export async function tableReader(url: string): Promise<{ readonly readTable: ReadTable; close(): Promise<void> }> {
  const client = new pg.Client({ connectionString: url, types: { getTypeParser: () => (text: string) => text } })
  await client.connect()
  await client.query(`SET timezone = 'UTC'`)
  return {
    readTable: (table) => readRows(client, table),
    close: () => client.end(),
  }
}

async function* readRows(client: pg.Client, table: string): AsyncIterable<Record<string, unknown>> {
  await client.query('BEGIN')
  await client.query(`DECLARE rows CURSOR FOR SELECT * FROM "${table.replaceAll('"', '""')}"`)
  for (;;) {
    const { rows } = await client.query<Record<string, unknown>>(`FETCH ${chunkRows} FROM rows`)
    if (rows.length === 0) break
    yield* rows
  }
  await client.query('COMMIT')
}
