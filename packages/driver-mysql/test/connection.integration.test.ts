import { memoryState } from '@eds/core'
import { requireService } from '@eds/tool-services/vitest'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { eventOf, schemaOf } from './fixtures.js'
import { Harness, rejection } from './harness.js'
import { createTestDatabase, type TestDatabase } from './test-database.js'

const server = await requireService('mariadb')
const schema = schemaOf('item', { name: 'string' })

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
  afterEach(async () => {
    await database.proxy.restore()
    await harness.close()
  })
  afterAll(() => database.remove())

  const item = (id: string, name: string) => eventOf('UPDATE', 'item', { id, name })
  const manyItems = (name: string) => Array.from({ length: 300 }, (_, index) => item(`item ${index}`, name))

  /** Runs `task` while another transaction holds the row `item 250`. */
  async function whileLocked(task: () => Promise<void>): Promise<void> {
    const holder = await database.connect()
    try {
      await holder.query('BEGIN')
      await holder.query("INSERT INTO item (id, name) VALUES ('item 250', 'held')")
      await task()
    } finally {
      await holder.query('ROLLBACK')
      await holder.end()
    }
  }

  // The server makes that table anew when nobody has read it for 100 ms.
  const untilBlocked = () =>
    expect
      .poll(
        () => database.query('SELECT trx_id FROM information_schema.INNODB_TRX WHERE trx_state = ?', ['LOCK WAIT']),
        { interval: 150 },
      )
      .not.toEqual([])

  it('a session that is ended in the middle of a batch leaves nothing of it', async () => {
    await whileLocked(async () => {
      const write = rejection(harness.write(manyItems('lost')))
      await untilBlocked()
      await database.killSessions()
      expect(await write).toMatchObject({ code: 'connection', retryable: true })
    })
    expect(await database.readTable('item')).toEqual([])
    expect(await rejection(harness.write([item('a', 'too early')]))).toMatchObject({ code: 'connection' })
    await harness.connect()
    expect(await harness.write(manyItems('again'))).toEqual({})
    expect((await database.readTable('item')).length).toBe(300)
  })

  it('a lock that is not given up in time is waited for again, and nothing of the batch is left', async () => {
    await harness.close()
    harness = await Harness.open(`${database.url}?statementTimeoutMs=500`, [schema])
    await whileLocked(async () => {
      expect(await rejection(harness.write(manyItems('late')))).toMatchObject({ code: 'timeout', retryable: true })
    })
    expect(await database.readTable('item')).toEqual([])
    await harness.connect()
    expect(await harness.write(manyItems('in time'))).toEqual({})
  })

  it('the loser of a deadlock can send its batch again', async () => {
    await harness.write([item('a', 'old'), item('b', 'old')])
    const other = await database.connect()
    await other.query('BEGIN')
    // More work done, so that the other side is chosen to be rolled back.
    await other.query("INSERT INTO item (id, name) SELECT CONCAT('filler ', seq), 'x' FROM seq_1_to_500")
    await other.query("UPDATE item SET name = 'other' WHERE id = 'b'")
    const write = rejection(harness.write([item('a', 'new'), item('b', 'new')]))
    await untilBlocked()
    await other.query("UPDATE item SET name = 'other' WHERE id = 'a'")
    expect(await write).toMatchObject({ code: 'connection', message: expect.stringContaining('1213') })
    await other.query('ROLLBACK')
    await other.end()
    expect(await harness.write([item('a', 'new'), item('b', 'new')])).toEqual({})
    expect(await database.readTable('item')).toEqual([
      { id: 'a', name: 'new' },
      { id: 'b', name: 'new' },
    ])
  })

  it('what a dead process was doing is ended by the next one that has its state', async () => {
    const state = memoryState()
    const dead = await Harness.open(database.url, [schema], { state })
    await whileLocked(async () => {
      const stale = rejection(dead.write(manyItems('stale')))
      await untilBlocked()
      const next = await Harness.open(database.url, [schema], { state })
      expect(await stale).toMatchObject({ code: 'connection' })
      await next.close()
    })
    await dead.close()
    expect(await database.readTable('item')).toEqual([])
  })

  it('a batch whose answer got lost after its commit can be sent again', async () => {
    database.proxy.dropAnswersTo('COMMIT')
    const write = rejection(harness.write(manyItems('once')))
    await expect.poll(() => database.readTable('item')).toHaveLength(300)
    database.proxy.cut()
    expect(await write).toMatchObject({ code: 'connection' })
    await database.proxy.restore()
    await harness.connect()
    expect(await harness.write(manyItems('twice'))).toEqual({})
    const rows = await database.readTable('item')
    expect([rows.length, rows.every(({ name }) => name === 'twice')]).toEqual([300, true])
  })

  it.each([
    ['a wrong password', (url: string) => url.replace(/(\/\/[^:]+):.*@(?=127)/, '$1:wr0ng-s3cret@'), 'authentication'],
    ['a missing database', (url: string) => url.replace(/\/[^/]*$/, '/no_such_database'), 'authentication'],
    ['nobody listening', (url: string) => url.replace(/:\d+\/(?=[^/]*$)/, ':1/'), 'connection'],
    ['a missing certificate file', (url: string) => `${url}?tls=verify&sslca=/no/such/file`, 'configuration'],
    ['a server without TLS', (url: string) => `${url}?tls=required`, 'configuration'],
  ] as const)('%s is told apart', async (_, change, code) => {
    const error = await rejection(Harness.open(change(database.url)))
    expect(error).toMatchObject({ code })
    expect(JSON.stringify(error) + String(error)).not.toContain('s3cret')
  })

  it('goes on without encryption where that is allowed', async () => {
    await (await Harness.open(`${database.url}?tls=prefer`)).close()
  })

  it('a user without the right to write is told so', async () => {
    await database.query(`REVOKE ALL ON ${database.name}.* FROM ${database.name}@'%'`)
    await database.query(`GRANT SELECT ON ${database.name}.* TO ${database.name}@'%'`)
    try {
      await harness.connect()
      expect(await rejection(harness.write([item('a', 'x')]))).toMatchObject({
        code: 'authentication',
        fix: expect.stringContaining('GRANT'),
      })
    } finally {
      await database.query(`GRANT ALL ON ${database.name}.* TO ${database.name}@'%'`)
    }
  })
})
