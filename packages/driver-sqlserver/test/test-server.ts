import { randomUUID } from 'node:crypto'
import { formatUrl, type JsonObject, parseUrl } from '@eds/core'
import { startTdsSim, type TdsSim } from '@eds/tool-tds-sim'

/** A database of a test file's own: on the server of EDS_TEST_SQLSERVER_URL, or else on a simulator in this process. */
export interface TestServer {
  readonly url: string
  /** The same place with credentials that are refused. */
  readonly wrongUrl: string
  /** Absent on a real server: what only a simulator can be told to do. */
  readonly sim: TdsSim | undefined
  query<Row = Record<string, unknown>>(sql: string): Promise<Row[]>
  /** All rows of a table. */
  readTable(table: string): Promise<JsonObject[]>
  drop(table: string): Promise<void>
  remove(): Promise<void>
}

const realServerUrl = process.env.EDS_TEST_SQLSERVER_URL

/** False on a real server, where the tests are skipped that need what only a simulator can be told to do. */
export const isSimulated = realServerUrl === undefined

if (!isSimulated) console.warn('EDS_TEST_SQLSERVER_URL is set: tests that need the simulator are skipped')

export function quote(name: string): string {
  return `[${name.replaceAll(']', ']]')}]`
}

export function startTestServer(): Promise<TestServer> {
  return realServerUrl === undefined ? startSimulated() : startReal(realServerUrl)
}

async function startSimulated(): Promise<TestServer> {
  const sim = await startTdsSim({ user: 'eds', password: 'p@ss#w/0rd', database: 'shop' })
  const query = async <Row>(sql: string) => (await sim.query(sql)) as Row[]
  return { ...serverOf(sim.url, query), sim, remove: () => sim.stop() }
}

async function startReal(serverUrl: string): Promise<TestServer> {
  const name = `eds_ms_${randomUUID().replaceAll('-', '').slice(0, 16)}`
  const master = await poolOf(serverUrl)
  await master.query(`CREATE DATABASE ${quote(name)}`)
  const { path: _, query: options, ...place } = parseUrl(serverUrl)
  const url = formatUrl({ ...place, path: `/${name}`, query: options })
  const pool = await poolOf(url)
  const query = async <Row>(sql: string) => ((await pool.query(sql)).recordset ?? []) as unknown as Row[]
  return {
    ...serverOf(url, query),
    sim: undefined,
    async remove() {
      await pool.close()
      await master.query(
        `ALTER DATABASE ${quote(name)} SET SINGLE_USER WITH ROLLBACK IMMEDIATE; DROP DATABASE ${quote(name)}`,
      )
      await master.close()
    },
  }
}

function serverOf(url: string, query: TestServer['query']) {
  return {
    url,
    wrongUrl: formatUrl({ ...parseUrl(url), password: 'wr0ng-password' }),
    query,
    readTable: (table: string) => query<JsonObject>(`SELECT * FROM ${quote(table)}`),
    drop: async (table: string) => void (await query(`DROP TABLE ${quote(table)}`)),
  }
}

async function poolOf(url: string) {
  const { default: mssql } = await import('mssql')
  const { user = '', password = '', hosts, path } = parseUrl(url)
  const { host = 'localhost', port = 1433 } = hosts[0] ?? {}
  const options = { encrypt: true, trustServerCertificate: true }
  return new mssql.ConnectionPool({
    user,
    password,
    server: host,
    port,
    ...(path.length > 1 ? { database: path.slice(1) } : {}),
    options,
  }).connect()
}
