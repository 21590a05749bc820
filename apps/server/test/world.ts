import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ReadTable, type ShopEvent, shopEvents, shopSchemas } from '@eds/shop'
import { connect, nkeys } from 'nats'
import pg from 'pg'
import { onTestFinished } from 'vitest'
import { temporaryFolder } from './eds.js'

let count = 0
const uniqueName = () => `eds_server_${process.pid}_${++count}`

export interface TestStream {
  readonly name: string
  publish(events: Iterable<Pick<ShopEvent, 'subject' | 'bytes' | 'id'>>): Promise<void>
  /** Any message, as it is, below the stream's name. */
  publishRaw(subject: string, payload: string): Promise<void>
  consumers(): Promise<string[]>
}

const windowSize = 256

/** A stream of its own on a real server, gone after the test. Subjects begin with its name instead of `dbchange`. */
export async function testStream(url: string): Promise<TestStream> {
  const name = uniqueName()
  const connection = await connect({ servers: url })
  const manager = await connection.jetstreamManager()
  await manager.streams.add({ name, subjects: [`${name}.>`] })
  onTestFinished(async () => {
    await manager.streams.delete(name)
    await connection.close()
  })
  const client = connection.jetstream()
  return {
    name,
    async publish(events) {
      let window: Promise<unknown>[] = []
      for (const { subject, bytes, id } of events) {
        window.push(client.publish(subject.replace(/^dbchange/, name), bytes, { msgID: id }))
        if (window.length < windowSize) continue
        await Promise.all(window)
        window = []
      }
      await Promise.all(window)
    },
    async publishRaw(subject, payload) {
      await client.publish(`${name}.${subject}`, Buffer.from(payload))
    },
    async consumers() {
      const found = await manager.consumers.list(name).next()
      return found.map((consumer) => consumer.name).sort()
    },
  }
}

export interface TestDatabase {
  readonly url: string
  query(text: string): Promise<Record<string, unknown>[]>
  /** How many rows a table has; 0 when there is no such table. */
  count(table: string): Promise<number>
  readonly readTable: ReadTable
}

/** An empty database of its own on a real server, gone after the test. */
export async function testDatabase(serverUrl: string): Promise<TestDatabase> {
  const name = uniqueName()
  const admin = new pg.Client(serverUrl)
  await admin.connect()
  await admin.query(`CREATE DATABASE ${name}`)
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  const client = new pg.Client({ connectionString: url.href, types: { getTypeParser: () => (text: string) => text } })
  await client.connect()
  await client.query(`SET timezone = 'UTC'`)
  onTestFinished(async () => {
    await client.end()
    await admin.query(`DROP DATABASE ${name} WITH (FORCE)`)
    await admin.end()
  })
  const query = async (text: string): Promise<Record<string, unknown>[]> => (await client.query(text)).rows
  return {
    url: url.href,
    query,
    async count(table) {
      const [found] = await query(`SELECT to_regclass('"${table}"') IS NOT NULL AS there`)
      if (found?.there !== 't') return 0
      const [row] = await query(`SELECT count(*) AS count FROM "${table}"`)
      return Number(row?.count)
    },
    async *readTable(table) {
      yield* await query(`SELECT * FROM "${table}"`)
    },
  }
}

/** A file with all versions of the shop's schemas, for `--schema`. */
export function schemaFile(): string {
  const path = join(temporaryFolder(), 'schemas.json')
  writeFileSync(path, JSON.stringify(shopSchemas().versions))
  return path
}

/** A part of the shop's first 600 events. */
export function events(count: number, from = 0): ShopEvent[] {
  return [...shopEvents({ seed: 7, events: 600 })].slice(from, from + count)
}

export interface RowChange {
  readonly operation?: 'INSERT' | 'UPDATE' | 'DELETE'
  readonly table?: string
  readonly row: Readonly<Record<string, unknown>>
  /** Default: now. */
  readonly timestamp?: number
}

/** The JSON text of an event that inserts a row with an `id`, or changes it. */
export function eventText(change: RowChange): string {
  const { operation = 'INSERT', table = 'note', row, timestamp = Date.now() } = change
  const image = operation === 'DELETE' ? { before: row } : { after: row }
  const time = { timestamp, mvccTimestamp: `${timestamp}000000.0000000000` }
  return JSON.stringify({
    operation,
    id: `e-${++count}`,
    table,
    key: ['r', row.id],
    modelVersion: 'v1',
    ...image,
    ...time,
  })
}

function serverOf(folder: string): string {
  const { port } = JSON.parse(readFileSync(join(folder, 'data/control.json'), 'utf8'))
  return `http://127.0.0.1:${port}`
}

/** What the server that runs in a folder answers; rejects while none runs. */
export async function askHttp(folder: string, path: string): Promise<{ status: number; text: string }> {
  const response = await fetch(`${serverOf(folder)}${path}`)
  return { status: response.status, text: await response.text() }
}

/** The server's figures, by name and labels. */
export async function figures(folder: string): Promise<Map<string, number>> {
  const { text } = await askHttp(folder, '/metrics')
  const lines = text.split('\n').flatMap((line) => [/^([^#]\S*) (\S+)$/.exec(line) ?? []])
  return new Map(lines.map(([, name = '', value]) => [name, Number(value)]))
}

/** One figure; `undefined` while no server runs. */
export async function figure(folder: string, name: string): Promise<number | undefined> {
  return figures(folder).then(
    (found) => found.get(name),
    () => undefined,
  )
}

/** A `.creds` file as NATS issues them; the signature is not one. */
export function credentials(name: string, companies: readonly string[]): string {
  const allow = companies.map((company) => `dbchange.*.*.${company}.*.PUBLIC.>`)
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const token = [part({ typ: 'JWT' }), part({ name, nats: { sub: { allow } } }), 'x'].join('.')
  const seed = new TextDecoder().decode(nkeys.createUser().getSeed())
  return `-----BEGIN NATS USER JWT-----\n${token}\n------END NATS USER JWT------\n-----BEGIN USER NKEY SEED-----\n${seed}\n------END USER NKEY SEED------\n`
}
