import mysql from 'mysql2/promise'
import pg from 'pg'
import { onTestFinished } from 'vitest'

let count = 0
const uniqueName = () => `eds_realtime_${process.pid}_${++count}`

/** A database of a test's own, as esink's variables name it. */
export interface WatchedDatabase {
  readonly url: string
  readonly environment: Readonly<Record<string, string>>
  /** What changes of it have as `source`. */
  readonly source: string
  /** Runs one statement. */
  run(text: string): Promise<readonly Record<string, unknown>[]>
}

/** One that can be left while its server is restarted. */
export interface RestartedDatabase extends WatchedDatabase {
  close(): Promise<void>
  reopen(): Promise<void>
}

export async function postgresDatabase(serverUrl: string): Promise<RestartedDatabase> {
  const name = uniqueName()
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  const open = async (target: string) => {
    const opened = new pg.Client(target)
    await opened.connect()
    return opened
  }
  let admin = await open(serverUrl)
  await admin.query(`CREATE DATABASE ${name}`)
  let client = await open(url.href)
  onTestFinished(async () => {
    await client.end()
    await admin.query(
      `SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE database = '${name}' AND active_pid IS NOT NULL`,
    )
    await admin.query(`SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = '${name}'`)
    await admin.query(`DROP DATABASE ${name} WITH (FORCE)`)
    await admin.end()
  })
  return {
    url: url.href,
    environment: { POSTGRES_DATABASE_URL: url.href },
    source: 'postgres',
    run: async (text) => (await client.query(text)).rows,
    close: async () => {
      await Promise.all([client.end(), admin.end()])
    },
    reopen: async () => {
      admin = await open(serverUrl)
      client = await open(url.href)
    },
  }
}

export async function mysqlDatabase(serverUrl: string): Promise<WatchedDatabase> {
  const name = uniqueName()
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  const connection = await mysql.createConnection(serverUrl)
  await connection.query(`CREATE DATABASE ${name} CHARACTER SET utf8mb4`)
  // Names in double quotes, as in the statements for PostgreSQL.
  await connection.query(`SET SESSION sql_mode = CONCAT(@@sql_mode, ',ANSI_QUOTES')`)
  await connection.query(`USE ${name}`)
  onTestFinished(async () => {
    await connection.query(`DROP DATABASE ${name}`)
    await connection.end()
  })
  return {
    url: url.href,
    environment: {
      MYSQL_DATABASE: name,
      MYSQL_HOST: `'${url.hostname}'`,
      MYSQL_PORT: url.port,
      MYSQL_USERNAME: decodeURIComponent(url.username),
      MYSQL_PASSWORD: decodeURIComponent(url.password),
    },
    source: name,
    run: async (text) => {
      const [rows] = await connection.query(text)
      return Array.isArray(rows) ? (rows as Record<string, unknown>[]) : []
    },
  }
}

/** Users 1 and 2 with the tokens `one` and `two`, and tables with every kind of rule. */
export async function makeTables(database: WatchedDatabase): Promise<void> {
  for (const text of [
    'CREATE TABLE auth (id INT PRIMARY KEY, token VARCHAR(50))',
    `INSERT INTO auth VALUES (1, 'one'), (2, 'two')`,
    'CREATE TABLE orders (id INT PRIMARY KEY, "userId" INT, note TEXT, secret TEXT)',
    'CREATE TABLE messages (id INT PRIMARY KEY, sender INT, receiver INT)',
    'CREATE TABLE news (id INT PRIMARY KEY, title TEXT)',
    'CREATE TABLE audit (id INT PRIMARY KEY, "userId" INT)',
  ])
    await database.run(text)
}

/** The rules that go with these tables, as docker-compose passes them on. */
export const rules = {
  TABLE_NAMES: `'orders, messages,news,audit'`,
  FILTERS: 'orders.secret',
  TABLE_AUTH_COLUMN_ROUTING: '{"orders": "userId", "messages": ["sender", "receiver"], "news": "*"}',
}
