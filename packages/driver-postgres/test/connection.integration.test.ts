import { memoryState } from '@eds/core'
import { requireService } from '@eds/tool-services/vitest'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { configSchema, parseConfigUrl } from '../src/config.js'
import { Session } from '../src/session.js'
import { eventOf, schemaOf } from './fixtures.js'
import { Harness, rejection } from './harness.js'
import { createTestDatabase, type TestDatabase } from './test-database.js'

const server = await requireService('postgres')
const schema = schemaOf('item', { name: 'string' })
const never = new AbortController().signal

server.describe('connections', () => {
  let database: TestDatabase
  let harness: Harness

  beforeAll(async () => {
    database = await createTestDatabase(server.url)
  })
  beforeEach(async () => {
    await database.query('DROP TABLE IF EXISTS item')
    harness = await Harness.open(database.url, [schema])
  })
  afterEach(() => harness.close())
  afterAll(() => database.remove())

  const item = (id: string, name: string) => eventOf('UPDATE', 'item', { id, name })
  const manyItems = (name: string) => Array.from({ length: 200 }, (_, index) => item(`item ${index}`, name))

  const sessions = () =>
    database.query<{ pid: number; blocked: boolean }>(
      `SELECT pid, wait_event_type IS NOT DISTINCT FROM 'Lock' AS blocked FROM pg_stat_activity
       WHERE datname = current_database() AND application_name = 'eds'`,
    )

  /** Runs `task` while nobody else can write to the table. */
  async function whileLocked(task: () => Promise<void>): Promise<void> {
    const holder = new pg.Client({ connectionString: database.url })
    holder.on('error', () => {})
    await holder.connect()
    // The server lets go by itself when a test gets stuck, so that the others can still run.
    await holder.query(`SET idle_in_transaction_session_timeout = '15s'; BEGIN; LOCK TABLE item IN EXCLUSIVE MODE`)
    try {
      await task()
    } finally {
      await holder.end()
    }
  }

  const untilBlocked = () =>
    expect.poll(async () => (await sessions()).filter(({ blocked }) => blocked)).toHaveLength(1)

  it.each([
    ['COPY', 200],
    ['parameters', 3],
  ])('a session that is ended in the middle of a batch leaves nothing of it, by %s', async (_, count) => {
    await whileLocked(async () => {
      const write = rejection(harness.write(manyItems('lost').slice(0, count)))
      await untilBlocked()
      await database.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'eds' AND datname = current_database()`,
      )
      expect(await write).toMatchObject({ code: 'connection', retryable: true })
    })
    expect(await database.readTable('item')).toEqual([])
    expect(await rejection(harness.write([item('a', 'too early')]))).toMatchObject({ code: 'connection' })
    await harness.connect()
    expect(await harness.write(manyItems('again'))).toEqual({})
    expect((await database.readTable('item')).length).toBe(200)
  })

  it('a batch that is given up ends at once, and the server does not finish it behind a newer one', async () => {
    await whileLocked(async () => {
      const abort = new AbortController()
      const stale = rejection(harness.write(manyItems('stale'), abort.signal))
      await untilBlocked()
      const before = await sessions()
      abort.abort()
      expect(await stale).toMatchObject({ code: 'connection' })
      await harness.connect()
      // A session that ends gives its locks back shortly before it is no longer listed.
      await expect.poll(sessions).toHaveLength(1)
      expect((await sessions())[0]?.pid).not.toBe(before[0]?.pid)
    })
    expect(await harness.write(manyItems('newer'))).toEqual({})
    expect((await database.readTable('item')).every(({ name }) => name === 'newer')).toBe(true)
  })

  it('what a dead process was doing is ended by the next one that has its state', async () => {
    const state = memoryState()
    const dead = await Harness.open(database.url, [schema], { state })
    await whileLocked(async () => {
      const stale = rejection(dead.write(manyItems('stale')))
      await untilBlocked()
      const next = await Harness.open(database.url, [schema], { state })
      expect(await stale).toMatchObject({ code: 'connection' })
      expect((await sessions()).some(({ blocked }) => blocked)).toBe(false)
      await next.close()
    })
    await dead.close()
    expect(await database.readTable('item')).toEqual([])
  })

  it('batches that overlap are rejected together when the connection breaks, and only the first was ever sent', async () => {
    await whileLocked(async () => {
      const writes = [manyItems('first'), manyItems('second')].map((events) => rejection(harness.write(events)))
      await untilBlocked()
      await harness.close()
      expect(await Promise.all(writes)).toMatchObject([{ code: 'connection' }, { code: 'connection' }])
    })
    await expect.poll(sessions).toEqual([])
    expect((await database.readTable('item')).filter(({ name }) => name !== 'first')).toEqual([])
  })

  it('a connection that broke while nothing was sent is noticed by the next batch', async () => {
    await database.shut()
    await database.open()
    expect(await rejection(harness.write([item('a', 'x')]))).toMatchObject({ code: 'connection' })
    await harness.connect()
    expect(await harness.write([item('a', 'x')])).toEqual({})
  })

  it('a statement that takes too long is a timeout', async () => {
    await harness.close()
    harness = await Harness.open(`${database.url}?statementTimeoutMs=300`, [schema])
    await whileLocked(async () => {
      expect(await rejection(harness.write(manyItems('late')))).toMatchObject({ code: 'timeout' })
    })
    expect(await harness.write(manyItems('in time'))).toEqual({})
  })

  it('tries several hosts in turn', async () => {
    const { hostname, port } = new URL(database.url)
    const url = database.url.replace(`${hostname}:${port}`, `127.0.0.1:1,${hostname}:${port}`)
    const other = await Harness.open(url, [schema])
    expect(await other.write([item('a', 'through the second host')])).toEqual({})
    await other.close()
    const nowhere = url.replace(`${hostname}:${port}`, '127.0.0.1:2')
    expect(await rejection(Harness.open(nowhere))).toMatchObject({ code: 'connection' })
  })

  it.each([
    ['a wrong password', (url: string) => url.replace(/:[^:@/]+@/, ':wr0ng-s3cret@'), 'authentication'],
    ['a missing database', (url: string) => url.replace(/\/[^/]*$/, '/no_such_database'), 'configuration'],
    ['nobody listening', (url: string) => url.replace(/:\d+\//, ':1/'), 'connection'],
    [
      'a missing certificate file',
      (url: string) => `${url}?sslmode=require&sslrootcert=/no/such/file`,
      'configuration',
    ],
    ['a server without TLS', (url: string) => `${url}?sslmode=require`, 'configuration'],
  ] as const)('%s is told apart', async (_, change, code) => {
    const error = await rejection(Harness.open(change(database.url)))
    expect(error).toMatchObject({ code })
    expect(JSON.stringify(error) + String(error)).not.toContain('s3cret')
  })

  it('falls back to no encryption only where that is allowed', async () => {
    for (const mode of ['prefer', 'allow']) await (await Harness.open(`${database.url}?sslmode=${mode}`)).close()
  })

  it('a server that is read-only is waited for', async () => {
    const name = new URL(database.url).pathname.slice(1)
    await database.query(`ALTER DATABASE "${name}" SET default_transaction_read_only = on`)
    try {
      expect(await rejection(Harness.open(database.url))).toMatchObject({
        code: 'connection',
        message: expect.stringContaining('read-only'),
      })
    } finally {
      const admin = new pg.Client({ connectionString: server.url })
      await admin.connect()
      await admin.query(`ALTER DATABASE "${name}" RESET default_transaction_read_only`)
      await admin.end()
    }
  })

  it('tells the server who it is and how to read, whatever the database says', async () => {
    const name = new URL(database.url).pathname.slice(1)
    await database.query(
      `ALTER DATABASE "${name}" SET synchronous_commit = off; ALTER DATABASE "${name}" SET timezone = 'Asia/Tokyo'`,
    )
    const session = await Session.open(configSchema.parse(parseConfigUrl(database.url)), never)
    try {
      const [settings] = await session.query(
        `SELECT current_setting('application_name') AS name, current_setting('timezone') AS zone, current_setting('synchronous_commit') AS commit`,
        undefined,
        never,
      )
      expect(settings).toEqual({ name: 'eds', zone: 'UTC', commit: 'on' })
      expect(session.server).toMatchObject({
        cockroach: false,
        schemaName: 'public',
        stage: true,
        product: expect.stringMatching(/^PostgreSQL \d/),
      })
    } finally {
      await session.close()
      await database.query(`ALTER DATABASE "${name}" RESET ALL`)
    }
  })
})
