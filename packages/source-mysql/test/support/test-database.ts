import { randomUUID } from 'node:crypto'
import mysql from 'mysql2/promise'
import type { MysqlOptions } from '../../src/index.js'

/** A database of a test's own. */
export interface TestDatabase {
  readonly name: string
  readonly options: MysqlOptions
  /** Rows with every value as text. */
  query<Row = Record<string, string | null>>(text: string, values?: unknown[]): Promise<Row[]>
  connect(): Promise<mysql.Connection>
  /** After the server was restarted. */
  reconnect(): Promise<void>
  remove(): Promise<void>
}

export async function createTestDatabase(serverUrl: string): Promise<TestDatabase> {
  const name = `eds_src_${randomUUID().replaceAll('-', '').slice(0, 12)}`
  const url = new URL(serverUrl)
  const server = {
    host: url.hostname,
    port: Number(url.port),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
  }
  const connect = async (database?: string) => {
    const connection = await mysql.createConnection({
      ...server,
      ...(database === undefined ? {} : { database }),
      charset: 'utf8mb4',
      multipleStatements: true,
      typeCast: (field) => field.string('utf8'),
    })
    // A server that is killed in a test must not end the process.
    connection.on('error', () => {})
    return connection
  }
  let admin = await connect()
  await admin.query(`CREATE DATABASE ${name} CHARACTER SET utf8mb4; USE ${name}`)
  return {
    name,
    options: { ...server, database: name },
    query: async <Row>(text: string, values: unknown[] = []) => (await admin.query({ sql: text, values }))[0] as Row[],
    connect: () => connect(name),
    async reconnect() {
      admin.destroy()
      admin = await connect(name)
    },
    async remove() {
      await admin.query(`DROP DATABASE ${name}`)
      await admin.end()
    },
  }
}
