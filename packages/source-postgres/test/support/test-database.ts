import { randomUUID } from 'node:crypto'
import pg from 'pg'

const asText = { getTypeParser: () => (value: string) => value } as unknown as pg.CustomTypesConfig

/** A database of a test file's own. */
export class TestDatabase {
  readonly url: string
  readonly #serverUrl: string
  readonly #name: string
  readonly #pool: pg.Pool

  private constructor(serverUrl: string, name: string) {
    this.#serverUrl = serverUrl
    this.#name = name
    this.url = serverUrl.replace(/\/[^/]*$/, `/${name}`)
    this.#pool = new pg.Pool({ connectionString: this.url, max: 4, options: '-c timezone=UTC' })
    // Sessions that a restart of the server ends.
    this.#pool.on('error', () => {})
  }

  static async create(serverUrl: string): Promise<TestDatabase> {
    const name = `eds_source_${randomUUID().replaceAll('-', '').slice(0, 16)}`
    await once(serverUrl, `CREATE DATABASE "${name}"`)
    return new TestDatabase(serverUrl, name)
  }

  async query<Row extends pg.QueryResultRow = pg.QueryResultRow>(text: string, values?: unknown[]): Promise<Row[]> {
    return (await this.#pool.query<Row>(text, values)).rows
  }

  /** All rows, every value as text. */
  async readTable(table: string): Promise<Record<string, string | null>[]> {
    const text = `SELECT * FROM ${pg.escapeIdentifier(table)}`
    return (await this.#pool.query<Record<string, string | null>>({ text, types: asText })).rows
  }

  /** A session of the test's own, for transactions that stay open. */
  async session(): Promise<pg.PoolClient> {
    return this.#pool.connect()
  }

  async remove(): Promise<void> {
    await this.#pool.end()
    const name = this.#name
    await once(
      this.#serverUrl,
      `SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE database = '${name}' AND active_pid IS NOT NULL`,
    )
    await once(
      this.url,
      `SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = '${name}'`,
    )
    await once(this.#serverUrl, `DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`)
  }
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
