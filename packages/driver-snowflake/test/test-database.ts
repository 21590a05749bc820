import { randomUUID } from 'node:crypto'
import { formatUrl, parseUrl, type Row } from '@eds/core'
import { type SnowflakeSim, startSnowflakeSim } from '@eds/tool-snowflake-sim'
import { configSchema, parseConfigUrl } from '../src/config.js'
import { qualify } from '../src/identifier.js'
import { Session } from '../src/session.js'

const never = new AbortController().signal

/** What tests need of a destination, be it the service or the simulator. */
export interface TestDatabase {
  readonly url: string
  /** Runs one statement past the driver; values as text. */
  query(text: string): Promise<Row[]>
  /** All rows of a table. */
  readTable(table: string): Promise<Row[]>
  drop(table: string): Promise<void>
  /** The table's full name, quoted. */
  name(table: string): string
  remove(): Promise<void>
}

/** With the faults that only the simulator can make. */
export interface SimulatedDatabase extends TestDatabase {
  readonly sim: SnowflakeSim
}

const place = { database: 'SHOP', schemaName: 'PUBLIC' }

/** Tests run against the service with EDS_TEST_SNOWFLAKE_URL, each in a schema of its own; else against a simulator of its own. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const url = process.env.EDS_TEST_SNOWFLAKE_URL
  return url === undefined || url === '' ? createSimulatedDatabase() : createServiceDatabase(url)
}

export async function createSimulatedDatabase(
  options: { readonly publicKey?: string } = {},
): Promise<SimulatedDatabase> {
  const sim = await startSnowflakeSim({
    user: 'eds',
    password: 'p@ss#w/d-simulated',
    database: place.database,
    schema: place.schemaName,
    warehouse: 'EDS_WH',
    role: 'EDS',
    ...options,
  })
  const { query, ...parts } = parseUrl(sim.url)
  const name = (table: string) => qualify(place, table)
  const rowsOf = async (text: string) => (await sim.query(text)).map((row) => ({ ...row }))
  return {
    sim,
    // A statement that is not answered must not hold a test up for long.
    url: formatUrl({ ...parts, query: { ...query, statementTimeoutMs: '15000' } }),
    query: rowsOf,
    name,
    readTable: (table) => rowsOf(`SELECT * FROM ${name(table)}`),
    async drop(table) {
      await sim.query(`DROP TABLE ${name(table)}`)
    },
    remove: () => sim.stop(),
  }
}

async function createServiceDatabase(serviceUrl: string): Promise<TestDatabase> {
  const schema = `EDS_TEST_${randomUUID().replaceAll('-', '').slice(0, 16).toUpperCase()}`
  const config = configSchema.parse(parseConfigUrl(serviceUrl))
  const session = await Session.open(config, 'test', never)
  const own = { database: session.server.database, schemaName: schema }
  await session.run({ text: `CREATE SCHEMA ${schema}` }, never)
  const name = (table: string) => qualify(own, table)
  const query = async (text: string) => (await session.run({ text }, never)).map(asTexts)
  const { path, ...parts } = parseUrl(serviceUrl)
  return {
    url: formatUrl({ ...parts, path: `/${path.split('/')[1]}/${schema}` }),
    query,
    name,
    readTable: (table) => query(`SELECT * FROM ${name(table)}`),
    async drop(table) {
      await query(`DROP TABLE ${name(table)}`)
    },
    async remove() {
      await query(`DROP SCHEMA ${schema}`)
      await session.close()
    },
  }
}

/** The client library gives numbers and parsed JSON where the simulator gives texts. */
function asTexts(row: Readonly<Record<string, unknown>>): Row {
  const texts = Object.entries(row).map(([name, value]): [string, string | boolean | null] => {
    if (value === null || typeof value === 'boolean' || typeof value === 'string') return [name, value]
    return [name, typeof value === 'number' ? String(value) : JSON.stringify(value)]
  })
  return Object.fromEntries(texts)
}
