import { randomUUID } from 'node:crypto'
import pg from 'pg'

/** A database of a test file's own on the shared server. */
export interface TestDatabase {
  readonly url: string
  query<Row extends pg.QueryResultRow = pg.QueryResultRow>(text: string, values?: unknown[]): Promise<Row[]>
  /** All rows of a table, every value as the text that PostgreSQL writes. */
  readTable(table: string, schema?: string): Promise<Record<string, string | null>[]>
  drop(table: string): Promise<void>
  /** Ends all sessions and lets nobody in until {@link TestDatabase.open}. */
  shut(): Promise<void>
  /** Locks all tables, so that whoever touches one waits until {@link TestDatabase.open}. */
  stall(): Promise<void>
  open(): Promise<void>
  remove(): Promise<void>
}

const asText = { getTypeParser: () => (value: string) => value } as unknown as pg.CustomTypesConfig

export async function createTestDatabase(serverUrl: string): Promise<TestDatabase> {
  const name = `eds_pg_${randomUUID().replaceAll('-', '').slice(0, 16)}`
  await once(serverUrl, `CREATE DATABASE "${name}"`)
  const url = serverUrl.replace(/\/[^/]*$/, `/${name}`)
  const pool = new pg.Pool({ connectionString: url, max: 4, options: '-c timezone=UTC' })
  // Sessions that shut() ends.
  pool.on('error', () => {})
  let locker: pg.Client | undefined
  return {
    url,
    async query(text, values) {
      return (await pool.query(text, values)).rows
    },
    async readTable(table, schema = 'public') {
      const { rows } = await pool.query({
        text: `SELECT * FROM ${pg.escapeIdentifier(schema)}.${pg.escapeIdentifier(table)}`,
        types: asText,
      })
      return rows
    },
    async shut() {
      await once(serverUrl, `ALTER DATABASE "${name}" WITH ALLOW_CONNECTIONS false`)
      await once(serverUrl, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${name}'`)
    },
    async drop(table) {
      await pool.query(`DROP TABLE ${pg.escapeIdentifier(table)}`)
    },
    async stall() {
      locker = await lockTables(url)
    },
    async open() {
      await locker?.end()
      locker = undefined
      await once(serverUrl, `ALTER DATABASE "${name}" WITH ALLOW_CONNECTIONS true`)
    },
    async remove() {
      await pool.end()
      await once(serverUrl, `DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`)
    },
  }
}

/** A session that keeps all tables to itself until it ends. */
async function lockTables(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const { rows } = await client.query<{ name: string }>(
    `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname = current_schema()`,
  )
  await client.query(`BEGIN; LOCK TABLE ${rows.map(({ name }) => name).join(', ')} IN ACCESS EXCLUSIVE MODE`)
  return client
}

async function once(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
