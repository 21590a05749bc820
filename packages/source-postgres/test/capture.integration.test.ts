import type { ChangeEvent, Delivery } from '@eds/core'
import { requireService } from '@eds/tool-services/vitest'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type CaptureMode, type PostgresSource, postgres } from '../src/index.js'
import { events, request, Taker } from './support/reading.js'
import { TestDatabase } from './support/test-database.js'

const server = await requireService('postgres')
const modes: readonly CaptureMode[] = ['triggers', 'replication']

server.describe('capturing', () => {
  describe.each(modes)('by %s', (mode) => {
    let database: TestDatabase
    let source: PostgresSource

    beforeEach(async () => {
      database = await TestDatabase.create(server.url)
    })
    afterEach(async () => {
      await source.close()
      await database.remove()
    })

    async function open(options: object = {}): Promise<Taker> {
      source = postgres({ url: database.url, mode, pollMs: 100, refreshMs: 100, region: 'shop', ...options })
      return new Taker(await source.open(request()))
    }

    async function take(taker: Taker, count: number): Promise<ChangeEvent[]> {
      return events(await taker.take(count))
    }

    it('gives inserts, updates and deletes with both images, what changed, and rising positions', async () => {
      await database.query('CREATE TABLE "order" (id int PRIMARY KEY, "from" text, n int)')
      await database.query(`INSERT INTO "order" VALUES (1, 'first 🔧', 1)`)
      const taker = await open()
      const [read] = await take(taker, 1)
      expect(read).toMatchObject({
        operation: 'INSERT',
        table: 'order',
        key: ['shop', '1'],
        after: { from: 'first 🔧' },
      })
      await database.query(`INSERT INTO "order" VALUES (2, 'b', NULL)`)
      await database.query(`UPDATE "order" SET n = 7 WHERE id = 2`)
      await database.query(`UPDATE "order" SET id = 3 WHERE id = 2`)
      await database.query(`DELETE FROM "order" WHERE id = 3`)
      const changes = await take(taker, 5)
      expect(changes.map(({ operation, key }) => `${operation} ${key[1]}`)).toEqual([
        'INSERT 2',
        'UPDATE 2',
        'DELETE 2',
        'INSERT 3',
        'DELETE 3',
      ])
      expect(changes[1]).toMatchObject({ before: { id: 2, n: null }, after: { id: 2, from: 'b', n: 7 }, diff: ['n'] })
      expect(changes[4]).toMatchObject({ before: { id: 3, from: 'b', n: 7 } })
      const all = [read!, ...changes]
      expect(all.map(({ position }) => position).sort()).toEqual(all.map(({ position }) => position))
      expect(new Set(all.map(({ id }) => id)).size).toBe(6)
      const times = all.map(({ mvccTimestamp }) => mvccTimestamp.split('.').map(BigInt))
      for (const [at, [time = 0n, logical = 0n]] of times.entries()) {
        const [before = -1n, order = -1n] = times[at - 1] ?? []
        expect(time > before || (time === before && logical > order)).toBe(true)
      }
    })

    const values: readonly (readonly [type: string, literal: string, json: string])[] = [
      ['int8', '9223372036854775807', '9223372036854775807'],
      ['numeric', '123456789012345678901234567890.123456789', '123456789012345678901234567890.123456789'],
      ['numeric', "'NaN'", '"NaN"'],
      ['float8', "'-Infinity'", '"-Infinity"'],
      ['float8', '0.1', '0.1'],
      ['bool', 'true', 'true'],
      ['timestamptz', "'2024-01-02 03:04:05.123456+02'", '"2024-01-02T01:04:05.123456Z"'],
      ['timestamp', "'2024-01-02 03:04:05'", '"2024-01-02T03:04:05Z"'],
      ['timestamptz', "'infinity'", '"infinity"'],
      ['date', "'2024-01-02'", '"2024-01-02"'],
      ['jsonb', `'{"a": 12345678901234567890, "b": ["ü"]}'`, '{"a": 12345678901234567890, "b": ["ü"]}'],
      ['json', `'{"a" :1}'`, '{"a" :1}'],
      ['bytea', String.raw`'\x00ff80'`, '"AP+A"'],
      ['int4[]', `'{{1,NULL},{2,3}}'`, '[[1,null],[2,3]]'],
      ['text[]', String.raw`ARRAY['a,b', 'NULL', '', 'q"\', NULL]`, String.raw`["a,b","NULL","","q\"\\",null]`],
      ['mood', "'sad'", '"sad"'],
      ['positive', '5', '5'],
      ['uuid', "'6f8a3c1e-0000-4000-8000-000000000001'", '"6f8a3c1e-0000-4000-8000-000000000001"'],
      ['interval', "'1 day 2 hours'", '"1 day 02:00:00"'],
      ['text', String.raw`E'(a,"b\\c")\n'`, String.raw`"(a,\"b\\c\")\n"`],
      ['text', "''", '""'],
      ['text', 'NULL', 'null'],
    ]

    it('gives every type of value, read first and changed, whatever the settings of the session that wrote it', async () => {
      await database.query(`CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE DOMAIN positive AS int CHECK (value > 0)`)
      const columns = values.map(([type], at) => `"v ""${at}" ${type}`)
      await database.query(`CREATE TABLE "odd ""name" (id int PRIMARY KEY, ${columns.join(', ')})`)
      const row = values.map(([, literal]) => literal).join(', ')
      await database.query(`INSERT INTO "odd ""name" VALUES (1, ${row})`)
      const taker = await open()
      const [read] = await taker.take(1)
      await database.query(
        `BEGIN; SET LOCAL timezone = 'Asia/Tokyo'; SET LOCAL datestyle = 'German'; SET LOCAL intervalstyle = 'iso_8601';
         SET LOCAL bytea_output = 'escape'; SET LOCAL extra_float_digits = -5; INSERT INTO "odd ""name" VALUES (2, ${row}); COMMIT`,
      )
      const [changed] = await taker.take(1)
      const expected = values.map(([, , json], at) => `${JSON.stringify(`v "${at}`)}:${json}`).join(',')
      expect(afterText(read!.bytes)).toBe(`{"id":1,${expected}}`)
      expect(afterText(changed!.bytes)).toBe(`{"id":2,${expected}}`)
    })

    it('gives rows of 10 MB, and large values that an update did not touch', async () => {
      await database.query('CREATE TABLE big (id int PRIMARY KEY, body text, n int)')
      await database.query(`INSERT INTO big VALUES (0, '', 0)`)
      const taker = await open()
      await taker.take(1)
      await database.query(
        `INSERT INTO big SELECT 1, string_agg(md5(i::text), ''), 0 FROM generate_series(1, 330000) i`,
      )
      await database.query('UPDATE big SET n = 1 WHERE id = 1')
      const [, updated] = await take(taker, 2)
      expect(String(updated?.after?.body)).toHaveLength(32 * 330_000)
      expect(updated?.diff).toEqual(['n'])
    })

    it('fills untouched large values in where the replica identity is kept, also when the key changes', async () => {
      await database.query('CREATE TABLE big (id int PRIMARY KEY, body text, n int)')
      await database.query(`INSERT INTO big SELECT 1, string_agg(md5(i::text), ''), 0 FROM generate_series(1, 1000) i`)
      const taker = await open({ replicaIdentity: 'keep' })
      await taker.take(1)
      await database.query('UPDATE big SET n = 1 WHERE id = 1')
      await database.query('UPDATE big SET id = 2')
      const changes = await take(taker, 3)
      expect(changes.map(({ operation }) => operation)).toEqual(['UPDATE', 'DELETE', 'INSERT'])
      expect(String(changes[2]?.after?.body)).toHaveLength(32_000)
    })

    it('gives a DELETE per row of a table that is truncated', async () => {
      await database.query(`CREATE TABLE a (id int PRIMARY KEY, t text)`)
      await database.query(`INSERT INTO a VALUES (1, 'row')`)
      const taker = await open()
      await taker.take(1)
      await database.query(`INSERT INTO a SELECT i, 'row' FROM generate_series(2, 3) i`)
      await database.query('TRUNCATE a')
      await database.query(`INSERT INTO a VALUES (9, 'new')`)
      const changes = await take(taker, 6)
      expect(changes.map(({ operation, key }) => `${operation} ${key[1]}`).slice(2)).toEqual([
        'DELETE 1',
        'DELETE 2',
        'DELETE 3',
        'INSERT 9',
      ])
    })

    it('keeps the order of changes to a row when the transaction that began first commits last', async () => {
      await database.query('CREATE TABLE a (id int PRIMARY KEY, t text); CREATE TABLE b (id int PRIMARY KEY)')
      await database.query(`INSERT INTO a VALUES (1, 'x')`)
      const taker = await open()
      await taker.take(1)
      const early = await database.session()
      await early.query('BEGIN; INSERT INTO b VALUES (1)')
      await database.query(`UPDATE a SET t = 'first' WHERE id = 1`)
      await early.query(`UPDATE a SET t = 'second' WHERE id = 1`)
      await early.query('COMMIT')
      early.release()
      const changes = await take(taker, 3)
      expect(changes.filter(({ table }) => table === 'a').map(({ after }) => after?.t)).toEqual(['first', 'second'])
    })

    it('takes up tables that come, with their rows, and columns that come; tables that go do no harm', async () => {
      await database.query('CREATE TABLE a (id int PRIMARY KEY)')
      const taker = await open()
      await database.query(
        'CREATE TABLE b (id int PRIMARY KEY, t text); INSERT INTO b SELECT i FROM generate_series(1, 3) i',
      )
      const rows = await take(taker, 3)
      expect(rows.map(({ table, key }) => `${table} ${key[1]}`).sort()).toEqual(['b 1', 'b 2', 'b 3'])
      await database.query('ALTER TABLE b ADD COLUMN more jsonb; DROP TABLE a')
      await database.query(`INSERT INTO b VALUES (4, 'x', '[1]')`)
      const [last] = await take(taker, 1)
      expect(last?.after).toEqual({ id: 4, t: 'x', more: [1] })
      expect(last?.modelVersion).not.toBe(rows[0]?.modelVersion)
      const signal = new AbortController().signal
      const schema = await source.registry.get('b', last!.modelVersion, last!, signal)
      expect(schema).toMatchObject({ primaryKeys: ['id'], required: ['id'], properties: { more: { type: 'object' } } })
      const former = await source.registry.get('b', rows[0]!.modelVersion, rows[0]!, signal)
      expect(Object.keys(former?.properties ?? {})).toEqual(['id', 't'])
    })

    it('takes a partitioned table for one, and hostile names as they are', async () => {
      await database.query(
        `CREATE SCHEMA "Sales ""x"; CREATE TABLE "Sales ""x"."ta.ble;--" ("i d" int, "pa'rt" int, PRIMARY KEY ("i d", "pa'rt"))
           PARTITION BY LIST ("pa'rt");
         CREATE TABLE "Sales ""x".one PARTITION OF "Sales ""x"."ta.ble;--" FOR VALUES IN (1);
         CREATE TABLE "Sales ""x".two PARTITION OF "Sales ""x"."ta.ble;--" FOR VALUES IN (2);
         INSERT INTO "Sales ""x"."ta.ble;--" VALUES (1, 1), (2, 2)`,
      )
      const name = 'Sales "x.ta.ble;--'
      const taker = await open({ tables: [name] })
      const rows = await take(taker, 2)
      await database.query(`UPDATE "Sales ""x"."ta.ble;--" SET "i d" = 3 WHERE "i d" = 2`)
      const changes = await take(taker, 2)
      expect([...rows, ...changes].map(({ operation, table, key }) => [operation, table, ...key])).toEqual([
        ['INSERT', name, 'shop', '1', '1'],
        ['INSERT', name, 'shop', '2', '2'],
        ['DELETE', name, 'shop', '2', '2'],
        ['INSERT', name, 'shop', '3', '2'],
      ])
    })

    it('goes on in the middle of the rows, and in the middle of a large transaction', async () => {
      await database.query('CREATE TABLE a (id int PRIMARY KEY); INSERT INTO a SELECT i FROM generate_series(1, 500) i')
      const ids = (deliveries: readonly Delivery[]) => events(deliveries).map(({ after }) => Number(after?.id))
      const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => from + at)
      const first = await (await open()).take(200)
      await source.close()
      const second = new Taker(await source.open(request({ after: first.at(-1)!.position })))
      expect(ids(await second.take(300))).toEqual(range(201, 500))
      await database.query('INSERT INTO a SELECT i FROM generate_series(501, 20500) i')
      const third = await second.take(7_000)
      expect(ids(third)).toEqual(range(501, 7_500))
      await source.close()
      const fourth = new Taker(await source.open(request({ after: third.at(-1)!.position })))
      expect(ids(await fourth.take(13_000))).toEqual(range(7_501, 20_500))
    })

    it('lets go of what was acknowledged, and leaves nothing behind when it is removed', async () => {
      await database.query('CREATE TABLE a (id int PRIMARY KEY)')
      await database.query('INSERT INTO a VALUES (0)')
      const before = await installed()
      const taker = await open()
      await taker.take(1)
      await database.query('INSERT INTO a SELECT i FROM generate_series(1, 10) i')
      const deliveries = await taker.take(10)
      expect((await source.status())[0]).toMatchObject({ cursor: 'sink', mode })
      await taker.acknowledge(deliveries.at(-1)!)
      await source.close()
      if (mode === 'triggers') expect(await database.query('SELECT FROM eds_outbox')).toHaveLength(1)
      expect(await installed()).not.toEqual(before)
      await source.remove()
      expect(await installed()).toEqual(before)
      await database.query('DELETE FROM a')
    })

    it('holds nothing for a cursor that is forgotten', async () => {
      await database.query('CREATE TABLE a (id int PRIMARY KEY)')
      await open()
      await source.close()
      await source.forget('sink')
      await database.query('INSERT INTO a VALUES (1)')
      expect(await database.query('SELECT FROM eds_outbox')).toHaveLength(0)
      expect(await database.query('SELECT FROM pg_replication_slots WHERE database = current_database()')).toEqual([])
    })

    async function installed() {
      const [row] = await database.query(
        `SELECT (SELECT count(*) FROM pg_replication_slots WHERE database = current_database()) AS slots,
           (SELECT count(*) FROM pg_publication) AS publications, (SELECT count(*) FROM pg_trigger) AS triggers,
           (SELECT count(*) FROM pg_proc WHERE proname LIKE 'eds%') AS functions,
           (SELECT count(*) FROM pg_class WHERE relname LIKE 'eds%') AS relations,
           (SELECT string_agg(relreplident, '') FROM pg_class WHERE relname = 'a') AS identity`,
      )
      return row
    }
  })
})

/** The text of the last image. */
function afterText(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString()
  return text.slice(text.indexOf('"after":') + 8, text.lastIndexOf(',"timestamp"'))
}
