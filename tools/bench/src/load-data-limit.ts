import { execFile } from 'node:child_process'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import mysql, { type Connection } from 'mysql2/promise'

const run = promisify(execFile)

/** The delivered tables as files that `LOAD DATA` reads. */
export interface LoadFiles {
  readonly folder: string
  readonly tables: readonly string[]
  readonly rows: number
  remove(): Promise<void>
}

/** Has the server write every delivered table to a file, and keeps its shape to make it anew from. */
export async function keepLoadFiles(url: string): Promise<LoadFiles> {
  const folder = await mkdtemp(join(tmpdir(), 'eds-bench-load-'))
  // The server writes them as a user of its own.
  await chmod(folder, 0o777)
  return withConnection(url, async (connection) => {
    const tables = await tablesOf(connection)
    await connection.query('CREATE DATABASE ??', [templateOf(connection)])
    let rows = 0
    for (const [index, table] of tables.entries()) {
      await connection.query(`CREATE TABLE ${template(connection, table)} LIKE ${quote(table)}`)
      const [result] = await connection.query(`SELECT * FROM ${quote(table)} INTO OUTFILE ?`, [
        join(folder, String(index)),
      ])
      rows += 'affectedRows' in result ? result.affectedRows : 0
    }
    const remove = async () => {
      await withConnection(url, (again) => again.query('DROP DATABASE ??', [templateOf(again)]))
      await rm(folder, { recursive: true })
    }
    return { folder, tables, rows, remove }
  })
}

/** Rows per second of the `mariadb` client's `LOAD DATA LOCAL INFILE` from ready files into empty tables with their keys. */
export async function loadDataLimit(url: string, files: LoadFiles): Promise<number> {
  await emptyMysqlTables(url, files)
  const { hostname, port, username, password, pathname } = new URL(url)
  const statements = files.tables.map(
    (table, index) => `LOAD DATA LOCAL INFILE '${join(files.folder, String(index))}' INTO TABLE ${quote(table)}`,
  )
  const flags = ['--no-defaults', `--host=${hostname}`, `--port=${port}`, `--user=${username}`, '--local-infile=1']
  const startedAt = performance.now()
  await run(
    'mariadb',
    [...flags, '--default-character-set=utf8mb4', `--execute=${statements.join('; ')}`, pathname.slice(1)],
    { env: { ...process.env, MYSQL_PWD: password } },
  )
  return files.rows / ((performance.now() - startedAt) / 1000)
}

/** Makes the tables anew. */
export function emptyMysqlTables(url: string, { tables }: LoadFiles): Promise<void> {
  return withConnection(url, async (connection) => {
    for (const table of tables) {
      await connection.query(`DROP TABLE IF EXISTS ${quote(table)}`)
      await connection.query(`CREATE TABLE ${quote(table)} LIKE ${template(connection, table)}`)
    }
  })
}

/** Runs a task with a connection to the database of the URL. */
export async function withConnection<T>(url: string, use: (connection: Connection) => Promise<T>): Promise<T> {
  const connection = await mysql.createConnection({ uri: url, charset: 'utf8mb4' })
  try {
    return await use(connection)
  } finally {
    await connection.end()
  }
}

async function tablesOf(connection: Connection): Promise<string[]> {
  const [rows] = await connection.query(
    'SELECT TABLE_NAME AS name FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE()',
  )
  return (rows as { name: string }[]).map(({ name }) => name)
}

function templateOf({ config }: Connection): string {
  return `${config.database}_template`
}

function template(connection: Connection, table: string): string {
  return `${quote(templateOf(connection))}.${quote(table)}`
}

function quote(name: string): string {
  return mysql.escapeId(name, true)
}
