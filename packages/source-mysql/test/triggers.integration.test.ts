import { requireService } from '@eds/tool-services/vitest'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type MysqlOptions, type MysqlSource, mysql } from '../src/index.js'
import { brief, Taker } from './support/reading.js'
import { createTestDatabase, type TestDatabase } from './support/test-database.js'

const server = await requireService('mariadb')

server.describe('capture by triggers', () => {
  let database: TestDatabase
  const sources: MysqlSource[] = []
  const open = (options: MysqlOptions = {}) => {
    const source = mysql({ ...database.options, mode: 'triggers', refreshMs: 50, ...options })
    sources.push(source)
    return source
  }
  beforeEach(async () => {
    database = await createTestDatabase(server.url)
    await database.query('CREATE TABLE item (id INT PRIMARY KEY, text VARCHAR(20))')
  })
  afterEach(async () => {
    for (const source of sources.splice(0)) await source.close()
    await database.remove()
  })

  test('what commits late comes late, and neither waits nor is skipped', async () => {
    const taker = await Taker.open(open(), { start: { at: 'now' } })
    const slow = await database.connect()
    await slow.query("START TRANSACTION; INSERT INTO item VALUES (1, 'slow')")
    const undone = await database.connect()
    await undone.query("START TRANSACTION; INSERT INTO item VALUES (2, 'undone')")
    await database.query("INSERT INTO item VALUES (3, 'quick')")
    expect((await taker.events(1)).map(brief)).toEqual(['I 3'])
    await undone.query('ROLLBACK')
    await slow.query("INSERT INTO item VALUES (4, 'slow'); COMMIT")
    expect((await taker.events(2)).map(brief)).toEqual(['I 1', 'I 4'])
    await database.query("INSERT INTO item VALUES (5, 'after')")
    expect((await taker.events(1)).map(brief)).toEqual(['I 5'])
    await slow.end()
    await undone.end()
  })

  test('many writers that commit in any order: every change once, those of a row in their order', async () => {
    const rows = 20
    await database.query(
      `INSERT INTO item (id, text) VALUES ${Array.from({ length: rows }, (_, id) => `(${id}, '0')`)}`,
    )
    const taker = await Taker.open(open(), { start: { at: 'now' } })
    const steps = Number(process.env.EDS_TEST_EVENTS ?? 1_200) / 6
    const write = async (writer: number) => {
      const connection = await database.connect()
      for (let step = 0; step < steps; step++) {
        const id = (writer * 7 + step * 3) % rows
        const end = step % 5 === 4 ? 'ROLLBACK' : 'COMMIT'
        await connection.query(`START TRANSACTION; UPDATE item SET text = text + 1 WHERE id = ${id}; ${end}`)
      }
      await connection.end()
    }
    const writing = Promise.all([0, 1, 2, 3, 4, 5].map(write))
    const events = await taker.events(6 * (steps - Math.floor(steps / 5)))
    await writing
    const values = new Map<string, number>()
    for (const { key, before, after } of events) {
      const id = key[1] ?? ''
      expect(Number(before?.text)).toBe(values.get(id) ?? 0)
      values.set(id, Number(after?.text))
    }
    const stored = await database.query<{ id: string; text: string }>('SELECT id, text FROM item')
    expect(stored.every(({ id, text }) => (values.get(id) ?? 0) === Number(text))).toBe(true)
  })

  test('a changed primary key is a row that goes and one that comes', async () => {
    await database.query(
      'CREATE TABLE named (a VARCHAR(10), b INT, v INT, PRIMARY KEY (a, b)) COLLATE utf8mb4_general_ci',
    )
    const taker = await Taker.open(open(), { start: { at: 'now' } })
    await database.query(
      "INSERT INTO named VALUES ('x', 1, 0); UPDATE named SET v = 1; UPDATE named SET a = 'X'; DELETE FROM named",
    )
    const events = await taker.events(5)
    expect(events.map(brief)).toEqual(['I x 1', 'U x 1', 'D x 1', 'I X 1', 'D X 1'])
    expect(events[0]?.key[0]).toBe(database.name)
  })

  test('the outbox keeps what a cursor still needs, and is trimmed behind the slowest', async () => {
    const source = open({ retainMs: 0 })
    const [fast, slow] = [
      await Taker.open(source, { cursor: 'fast', start: { at: 'now' } }),
      await Taker.open(source, { cursor: 'slow', start: { at: 'now' } }),
    ]
    await database.query('INSERT INTO item (id) VALUES (1), (2), (3), (4)')
    const seen = await fast.deliveries(4)
    if (seen[3]) await fast.reader.acknowledge(seen[3])
    const count = async () => (await database.query('SELECT id FROM eds_outbox')).length
    expect(await count()).toBe(4)
    const [, second] = await slow.deliveries(2)
    if (second) await slow.reader.acknowledge(second)
    expect(await count()).toBe(2)
    await slow.reader.close()
    await source.forget('slow')
    await fast.reader.close()
    expect((await source.cursors()).map(({ cursor, mode, behind }) => ({ cursor, mode, behind }))).toEqual([
      { cursor: 'fast', mode: 'triggers', behind: 0 },
    ])
  })

  test('tables come, change and go without a restart', async () => {
    const taker = await Taker.open(open(), { start: { at: 'now' } })
    const installed = (table: string) => async () =>
      (
        await database.query(
          'SELECT TRIGGER_NAME FROM information_schema.TRIGGERS WHERE EVENT_OBJECT_TABLE = ? AND TRIGGER_SCHEMA = ?',
          [table, database.name],
        )
      ).length
    const reading = taker.events(4)
    await database.query('CREATE TABLE later (id INT PRIMARY KEY)')
    await expect.poll(installed('later')).toBe(3)
    await database.query('INSERT INTO later VALUES (1)')
    await database.query('INSERT INTO item (id) VALUES (1)')
    const version = async () =>
      JSON.stringify(
        await database.query(
          "SELECT TRIGGER_NAME FROM information_schema.TRIGGERS WHERE EVENT_OBJECT_TABLE = 'item' AND TRIGGER_SCHEMA = ?",
          [database.name],
        ),
      )
    const former = await version()
    await database.query('ALTER TABLE item ADD COLUMN price DECIMAL(10,2)')
    await expect.poll(version).not.toBe(former)
    await expect.poll(installed('item')).toBe(3)
    await database.query(
      "UPDATE item SET price = 1.50 WHERE id = 1; DROP TABLE later; INSERT INTO item VALUES (2, 'x', 2)",
    )
    const events = await reading
    expect(events.map((event) => `${event.table} ${brief(event)}`)).toEqual([
      'later I 1',
      'item I 1',
      'item U 1',
      'item I 2',
    ])
    expect(events[2]?.modelVersion).not.toBe(events[1]?.modelVersion)
    expect(events[2]?.after).toEqual({ id: 1, text: null, price: 1.5 })
    const schema = await sources[0]?.registry.get(
      'item',
      events[1]?.modelVersion ?? '',
      events[1] as never,
      new AbortController().signal,
    )
    expect(Object.keys(schema?.properties ?? {})).toEqual(['id', 'text'])
  })

  test('remove leaves nothing in the database, and changes go on', async () => {
    const source = open({ outboxTable: 'pub_events' })
    await (await Taker.open(source)).reader.close()
    const { triggers, tables } = await source.remove()
    expect(triggers).toHaveLength(3)
    expect(tables).toEqual(['pub_events', 'eds_cursors', 'eds_schemas', 'eds_state'])
    expect(await database.query('SHOW TRIGGERS')).toEqual([])
    expect((await database.query('SHOW TABLES')).flatMap(Object.values)).toEqual(['item'])
    await database.query('INSERT INTO item (id) VALUES (1)')
    expect(await source.remove()).toEqual({ triggers: [], tables: [] })
    await source.forget('test')
  })

  test('a table of another program is not taken for the outbox', async () => {
    await database.query('CREATE TABLE pub_events (id INT PRIMARY KEY)')
    await expect(Taker.open(open({ outboxTable: 'pub_events' }))).rejects.toMatchObject({ code: 'configuration' })
  })

  test('a snapshot that was cut short is taken again behind what changed meanwhile', async () => {
    await database.query("INSERT INTO item VALUES (1, 'one'), (2, 'two'), (3, 'three')")
    const source = open()
    const first = await Taker.open(source)
    const [one] = await first.deliveries(1)
    await first.reader.close()
    await database.query("DELETE FROM item WHERE id = 1; UPDATE item SET text = 'zwei' WHERE id = 2")
    const second = await Taker.open(source, { after: one?.position ?? '' })
    const events = await second.events(4)
    expect(events.map(brief)).toEqual(['D 1', 'U 2', 'I 2', 'I 3'])
    expect(events[2]?.after?.text).toBe('zwei')
    const positions = [one?.position ?? '', ...events.map(({ position }) => position)]
    expect(positions).toEqual([...positions].sort())
    await second.reader.close()
    await database.query("INSERT INTO item VALUES (4, 'four')")
    // In the middle of the changes the snapshot is still to come; behind its last row it is not.
    const third = await Taker.open(source, { after: events[0]?.position ?? '' })
    expect((await third.events(4)).map(brief)).toEqual(['U 2', 'I 4', 'I 2', 'I 3'])
    await third.reader.close()
    const fourth = await Taker.open(source, { after: events[3]?.position ?? '' })
    expect((await fourth.events(1)).map(brief)).toEqual(['I 4'])
  })

  test('missing rights, a table without a key and one that is not there are named', async () => {
    await database.query('CREATE TABLE keyless (a INT)')
    await expect(Taker.open(open({ tables: ['keyless'] }))).rejects.toThrow('table "keyless" of mysql://')
    await expect(Taker.open(open({ tables: ['nowhere'] }))).rejects.toMatchObject({ code: 'configuration' })
    const user = database.name
    await database.query(
      `CREATE USER ${user} IDENTIFIED BY 'pass'; GRANT SELECT, CREATE, INSERT ON ${user}.* TO ${user}`,
    )
    await expect(Taker.open(open({ user, password: 'pass' }))).rejects.toMatchObject({ code: 'authentication' })
    await expect(Taker.open(open({ user, password: 'wrong' }))).rejects.toMatchObject({ code: 'authentication' })
    await database.query(`DROP USER ${user}`)
  })

  test.each(['triggers', 'binlog'] as const)(
    'by %s, foreign keys that change rows unseen are warned about',
    async (mode) => {
      await database.query(
        'CREATE TABLE part (id INT PRIMARY KEY, item INT, FOREIGN KEY part_of (item) REFERENCES item (id) ON DELETE CASCADE)',
      )
      const warnings: object[] = []
      const logger = { debug() {}, info() {}, error() {}, warn: (fields: object) => void warnings.push(fields) }
      await Taker.open(open({ mode, logger }))
      expect(warnings).toEqual([{ constraints: [{ child: 'part', name: expect.stringContaining('part') }] }])
    },
  )
})
