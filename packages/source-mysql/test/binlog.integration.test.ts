import type { Logger } from '@eds/core'
import { type PrivateServer, startMariadb } from '@eds/tool-services'
import { requireExecutable } from '@eds/tool-services/vitest'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { beginLocked } from '../src/binlog/log-snapshot.js'
import { readCatalog } from '../src/catalog.js'
import { Database } from '../src/database.js'
import { type MysqlOptions, type MysqlSource, mysql } from '../src/index.js'
import { resolveSettings } from '../src/settings.js'
import { brief, Taker } from './support/reading.js'
import { createTestDatabase, type TestDatabase } from './support/test-database.js'

const executable = await requireExecutable('mariadb')
const never = new AbortController().signal

executable.describe('capture by binary log', () => {
  let server: PrivateServer
  let database: TestDatabase
  const sources: MysqlSource[] = []
  beforeAll(async () => {
    server = await startMariadb()
  })
  afterAll(() => server.remove())
  beforeEach(async () => {
    database = await createTestDatabase(server.url)
    await database.query('CREATE TABLE item (id INT PRIMARY KEY, text VARCHAR(20))')
  })
  afterEach(async () => {
    for (const source of sources.splice(0)) await source.close()
    await database.remove()
  })
  const open = (options: MysqlOptions = {}) => {
    const source = mysql({ ...database.options, mode: 'binlog', ...options })
    sources.push(source)
    return source
  }

  test.each(['NO_LOG', 'FULL'])(
    'tables come, change and go while it is read, with binlog_row_metadata=%s',
    async (metadata) => {
      await database.query(`SET GLOBAL binlog_row_metadata = ${metadata}`)
      const taker = await Taker.open(open(), { start: { at: 'now' } })
      const step = async (sql: string, count: number) => {
        await database.query(sql)
        return taker.events(count)
      }
      await step("INSERT INTO item VALUES (1, 'one')", 1)
      const [added] = await step(
        'ALTER TABLE item ADD COLUMN price DECIMAL(10,2) FIRST; UPDATE item SET price = 1.50',
        1,
      )
      expect(added?.after).toEqual({ price: 1.5, id: 1, text: 'one' })
      const [retyped] = await step(
        "ALTER TABLE item MODIFY id BIGINT UNSIGNED, DROP COLUMN price; INSERT INTO item VALUES (18446744073709551615, 'most')",
        1,
      )
      expect(retyped?.key[1]).toBe('18446744073709551615')
      expect(retyped?.modelVersion).not.toBe(added?.modelVersion)
      const [later] = await step('CREATE TABLE later (id INT PRIMARY KEY); INSERT INTO later VALUES (1)', 1)
      expect(later?.table).toBe('later')
      expect(
        (await step('DROP TABLE later; RENAME TABLE item TO things; DELETE FROM things WHERE id = 1', 1)).map(brief),
      ).toEqual(['D 1'])
      await database.query('SET GLOBAL binlog_row_metadata = NO_LOG')
    },
  )

  test('changes from before an alteration that nobody saw stop, and are not guessed at', async () => {
    const source = open()
    const first = await Taker.open(source, { start: { at: 'now' } })
    await first.reader.close()
    await database.query("INSERT INTO item VALUES (1, 'one'); ALTER TABLE item ADD COLUMN price INT FIRST")
    await expect((await Taker.open(source)).events(1)).rejects.toMatchObject({ code: 'unsupported' })
  })

  test('what the server has purged is a gap', async () => {
    const source = open()
    const first = await Taker.open(source, { start: { at: 'now' } })
    await first.reader.close()
    await database.query("INSERT INTO item VALUES (1, 'one'); FLUSH BINARY LOGS")
    // The server keeps a file for as long as it thinks that somebody who left is still being sent it.
    const purge = async () => {
      const files = await database.query<{ Log_name: string }>('SHOW BINARY LOGS')
      await database.query('PURGE BINARY LOGS TO ?', [files.at(-1)?.Log_name])
      return (await database.query('SHOW BINARY LOGS')).length
    }
    await expect.poll(purge, { interval: 200 }).toBe(1)
    await expect(Taker.open(source)).rejects.toMatchObject({ code: 'gap' })
  })

  test('a log that was made anew and has grown past the position is told by its transactions', async () => {
    const source = open()
    const first = await Taker.open(source, { start: { at: 'now' } })
    await database.query("INSERT INTO item VALUES (1, 'one')")
    const [delivery] = await first.deliveries(1)
    await first.reader.close()
    await database.query('RESET MASTER; SET GLOBAL gtid_domain_id = 7')
    await database.query("INSERT INTO item VALUES (2, REPEAT('x', 20))")
    for (let id = 3; id < 40; id++) await database.query(`INSERT INTO item VALUES (${id}, 'x')`)
    const reading = async () => (await Taker.open(source, { after: delivery?.position ?? '' })).deliveries(1)
    await expect(reading()).rejects.toMatchObject({ code: 'gap' })
  })

  test('changed keys, many rows in one transaction, and going on in its middle', async () => {
    const source = open()
    const taker = await Taker.open(source, { start: { at: 'now' } })
    await database.query(
      "START TRANSACTION; INSERT INTO item VALUES (1, 'a'), (2, 'b'); UPDATE item SET id = id + 10 ORDER BY id; DELETE FROM item WHERE id = 11; COMMIT",
    )
    const deliveries = await taker.deliveries(7)
    await taker.reader.close()
    const again = await Taker.open(source, { after: deliveries[2]?.position ?? '' })
    expect((await again.events(4)).map(brief)).toEqual(['I 11', 'D 2', 'I 12', 'D 11'])
  })

  test('a snapshot that was cut short is taken again behind what changed meanwhile', async () => {
    await database.query("INSERT INTO item VALUES (1, 'one'), (2, 'two')")
    const source = open()
    const first = await Taker.open(source)
    const [one] = await first.deliveries(1)
    await first.reader.close()
    await database.query("DELETE FROM item WHERE id = 1; UPDATE item SET text = 'zwei' WHERE id = 2")
    const second = await Taker.open(source, { after: one?.position ?? '' })
    const events = await second.events(3)
    expect(events.map(brief)).toEqual(['D 1', 'U 2', 'I 2'])
    await database.query("INSERT INTO item VALUES (3, 'three')")
    expect((await second.events(1)).map(brief)).toEqual(['I 3'])
    await second.reader.close()
    const third = await Taker.open(source, { after: events[2]?.position ?? '' })
    expect((await third.events(1)).map(brief)).toEqual(['I 3'])
  })

  test('the way of MySQL to a snapshot gives the same place as that of MariaDB', async () => {
    await database.query("INSERT INTO item VALUES (1, 'one')")
    const settings = resolveSettings(database.options)
    const reader = await Database.open(settings, never)
    const { tables } = await readCatalog(reader, settings)
    const place = await beginLocked(reader, settings, [...tables.values()], never)
    const told = await reader.query<{ Value: string }>("SHOW STATUS LIKE 'binlog_snapshot_position'")
    expect(String(place.offset)).toBe(told[0]?.Value)
    await reader.close()
  })

  test('settings of the server, truncation and missing rights are told', async () => {
    await database.query('SET GLOBAL binlog_row_image = MINIMAL')
    await expect(Taker.open(open())).rejects.toThrow('binlog_row_image is MINIMAL')
    await database.query('SET GLOBAL binlog_row_image = FULL')
    const warnings: string[] = []
    const logger: Logger = { debug() {}, info() {}, error() {}, warn: (_, message) => warnings.push(message) }
    const taker = await Taker.open(open({ logger }), { start: { at: 'now' } })
    await database.query("TRUNCATE item; INSERT INTO item VALUES (1, 'one')")
    await taker.events(1)
    expect(warnings).toEqual(['a table was truncated: its rows stay at the destinations'])
    await taker.reader.close()
    const user = database.name
    await database.query(`CREATE USER ${user} IDENTIFIED BY 'pass'; GRANT ALL ON ${user}.* TO ${user}`)
    await expect(Taker.open(open({ user, password: 'pass' }))).rejects.toMatchObject({ code: 'authentication' })
    // Then triggers it is, which a server with a log lets only some make.
    await expect(Taker.open(open({ user, password: 'pass', mode: 'auto' }))).rejects.toMatchObject({
      code: 'authentication',
      fix: expect.stringContaining('log_bin_trust_function_creators'),
    })
    await database.query('SET GLOBAL log_bin_trust_function_creators = 1')
    const automatic = await Taker.open(open({ user, password: 'pass', mode: 'auto', snapshot: false }))
    await database.query("INSERT INTO item VALUES (2, 'two')")
    expect((await automatic.events(1))[0]?.position).toMatch(/^\d{13}_\d{16}$/)
    await automatic.reader.close()
    await database.query(`DROP USER ${user}`)
  })

  test('a slow reader holds a bounded part of the log', async () => {
    const source = open({ bufferBytes: 64 * 1024 })
    const taker = await Taker.open(source, { start: { at: 'now' } })
    await database.query('CREATE TABLE wide (id INT AUTO_INCREMENT PRIMARY KEY, body LONGTEXT)')
    for (let count = 0; count < 60; count++)
      await database.query("INSERT INTO wide (body) VALUES (REPEAT('x', 1000000))")
    const before = process.memoryUsage().arrayBuffers
    await taker.deliveries(1)
    // The server waits: what is in its log is not here.
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(30_000_000)
    expect(await taker.deliveries(59)).toHaveLength(59)
  })

  test('types that cannot be read from the log are named', async () => {
    const taker = await Taker.open(open(), { start: { at: 'now' } })
    await database.query(
      'CREATE TABLE addressed (id INT PRIMARY KEY, at INET6); INSERT INTO addressed VALUES (1, "::1")',
    )
    await expect(taker.events(1)).rejects.toThrow('column "at" (inet6)')
  })

  test('10 MB rows: whole by log; too large for the triggers, they are a defect, and the write succeeds', async () => {
    await database.query('SET GLOBAL max_allowed_packet = 16 * 1024 * 1024')
    await database.query('CREATE TABLE wide (id INT PRIMARY KEY, body LONGBLOB)')
    const [log, triggers] = [
      await Taker.open(open(), { start: { at: 'now' } }),
      await Taker.open(open({ mode: 'triggers' }), { cursor: 'other', start: { at: 'now' } }),
    ]
    const writer = await database.connect()
    await writer.query("INSERT INTO wide VALUES (1, REPEAT('x', 10000000)), (2, REPEAT('y', 5000000))")
    await writer.end()
    await database.query('SET GLOBAL max_allowed_packet = 64 * 1024 * 1024')
    const [whole] = await log.events(1)
    expect(whole?.after?.body).toBe(Buffer.alloc(10_000_000, 'x').toString('base64'))
    const [large, small] = await triggers.deliveries(2)
    expect(large?.defect).toContain('max_allowed_packet')
    expect(small?.defect).toBeUndefined()
  })
})
