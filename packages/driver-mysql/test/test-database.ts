import { randomUUID } from 'node:crypto'
import { TcpProxy } from '@eds/testkit'
import mysql, { type Connection } from 'mysql2/promise'

/** A database and a user of a test file's own on the shared server. */
export interface TestDatabase {
  readonly url: string
  readonly name: string
  query<Row = Record<string, string | null>>(text: string, values?: (string | number | null)[]): Promise<Row[]>
  /** All rows of a table, every value as the text that the server writes. */
  readTable(table: string): Promise<Record<string, string | null>[]>
  drop(table: string): Promise<void>
  /** Between EDS and the server. */
  readonly proxy: TcpProxy
  /** Locks all tables, so that whoever touches one waits until {@link TestDatabase.open}. */
  stall(): Promise<void>
  open(): Promise<void>
  /** Ends all sessions of EDS. */
  killSessions(): Promise<void>
  /** Sessions of EDS: what they are doing. */
  sessions(): Promise<{ id: string; state: string | null; info: string | null }[]>
  /** A connection past EDS. */
  connect(): Promise<Connection>
  remove(): Promise<void>
}

const password = 'eds-te$t/p@ss'

export async function createTestDatabase(serverUrl: string): Promise<TestDatabase> {
  const name = `eds_my_${randomUUID().replaceAll('-', '').slice(0, 16)}`
  const server = new URL(serverUrl)
  const admin = await mysql.createConnection({
    host: server.hostname,
    port: Number(server.port),
    user: decodeURIComponent(server.username),
    password: decodeURIComponent(server.password),
    charset: 'utf8mb4',
    dateStrings: true,
    multipleStatements: true,
    // Texts as they are; BIT columns come as numbers.
    typeCast: (field) => (field.type === 'BIT' ? String(field.buffer()?.readUInt8() ?? '') : field.string('utf8')),
  })
  const proxy = await TcpProxy.to({ host: server.hostname, port: Number(server.port) })
  const connect = () =>
    mysql.createConnection({
      host: server.hostname,
      port: Number(server.port),
      user: decodeURIComponent(server.username),
      password: decodeURIComponent(server.password),
      database: name,
    })
  const run = async <Row>(text: string, values?: (string | number | null)[]) =>
    (await admin.query({ sql: text, values: values ?? [] }))[0] as Row[]
  await run(`CREATE DATABASE ${name} CHARACTER SET utf8mb4; USE ${name}; SET time_zone = '+00:00'`)
  await run(`CREATE USER ${name}@'%' IDENTIFIED BY '${password}'; GRANT ALL ON ${name}.* TO ${name}@'%'`)
  let locker: Connection | undefined
  const sessions = () =>
    run<{ id: string; state: string | null; info: string | null }>(
      'SELECT ID AS id, STATE AS state, INFO AS info FROM information_schema.PROCESSLIST WHERE USER = ?',
      [name],
    )
  const killSessions = async () => {
    for (const { id } of await sessions()) await run(`KILL ${id}`).catch(() => {})
  }
  return {
    name,
    proxy,
    url: `mysql://${name}:${password}@127.0.0.1:${proxy.port}/${name}`,
    query: run,
    readTable: (table) => run(`SELECT * FROM ${quote(table)}`),
    async drop(table) {
      await run(`DROP TABLE ${quote(table)}`)
    },
    async stall() {
      locker = await connect()
      const tables = await run<{ name: string }>(
        'SELECT TABLE_NAME AS name FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE()',
      )
      await locker.query(`LOCK TABLES ${tables.map((table) => `${quote(table.name)} WRITE`).join(', ')}`)
    },
    async open() {
      locker?.destroy()
      locker = undefined
      await proxy.restore()
    },
    killSessions,
    sessions,
    connect,
    async remove() {
      await killSessions()
      await run(`DROP DATABASE ${name}; DROP USER ${name}@'%'`)
      await admin.end()
      await proxy.break()
    },
  }
}

function quote(name: string): string {
  return mysql.escapeId(name, true)
}
