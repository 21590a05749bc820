import { execFile } from 'node:child_process'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'

const run = promisify(execFile)

/** The delivered tables as files that `\copy` reads. */
export interface TableFiles {
  readonly folder: string
  readonly tables: readonly string[]
  readonly rows: number
  remove(): Promise<void>
}

/** Writes every delivered table to a file, and keeps its shape to make it anew from. */
export async function keepTemplate(url: string): Promise<TableFiles> {
  const folder = await mkdtemp(join(tmpdir(), 'eds-bench-copy-'))
  await chmod(folder, 0o700)
  const tables = await withClient(url, async (client) => {
    const { rows } = await client.query<{ tablename: string }>(
      `SELECT tablename FROM pg_tables WHERE schemaname = 'public'`,
    )
    await client.query('CREATE SCHEMA template')
    for (const { tablename } of rows)
      await client.query(`CREATE TABLE template.${quote(tablename)} (LIKE public.${quote(tablename)} INCLUDING ALL)`)
    return rows.map(({ tablename }) => tablename)
  })
  await psql(
    url,
    tables.map((table, index) => `\\copy public.${quote(table)} to '${join(folder, String(index))}'`),
  )
  const rows = await withClient(url, (client) => countRows(client, tables))
  return { folder, tables, rows, remove: () => rm(folder, { recursive: true }) }
}

/** Rows per second of `psql \copy` from ready files into empty tables with their keys. */
export async function copyLimit(url: string, { folder, tables, rows }: TableFiles): Promise<number> {
  await emptyTables(url)
  const startedAt = performance.now()
  await psql(
    url,
    tables.map((table, index) => `\\copy public.${quote(table)} from '${join(folder, String(index))}'`),
  )
  return rows / ((performance.now() - startedAt) / 1000)
}

/** Makes the tables anew and settles what the last round left to do. */
export function emptyTables(url: string): Promise<void> {
  return withClient(url, async (client) => {
    const { rows } = await client.query<{ tablename: string }>(
      `SELECT tablename FROM pg_tables WHERE schemaname = 'template'`,
    )
    await client.query('DROP SCHEMA public CASCADE; CREATE SCHEMA public')
    for (const { tablename } of rows)
      await client.query(`CREATE TABLE public.${quote(tablename)} (LIKE template.${quote(tablename)} INCLUDING ALL)`)
    await client.query('CHECKPOINT')
  })
}

async function countRows(client: pg.Client, tables: readonly string[]): Promise<number> {
  const counts = tables.map((table) => `(SELECT count(*) FROM public.${quote(table)})`)
  const { rows } = await client.query<{ total: string }>(`SELECT ${counts.join(' + ')} AS total`)
  return Number(rows[0]?.total)
}

async function psql(url: string, commands: readonly string[]): Promise<void> {
  const flags = ['--no-psqlrc', '--quiet', '--set', 'ON_ERROR_STOP=1', '--dbname', url]
  await run('psql', [...flags, ...commands.flatMap((command) => ['--command', command])])
}

async function withClient<T>(url: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(url)
  await client.connect()
  try {
    return await use(client)
  } finally {
    await client.end()
  }
}

function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
