import type { ChangeEvent, TableSchema } from '@eds/core'
import { requireService } from '@eds/tool-services/vitest'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { eventOf, schemaOf } from './fixtures.js'
import { Harness, rejection } from './harness.js'
import { createTestDatabase, type TestDatabase } from './test-database.js'

const server = await requireService('postgres')
const never = new AbortController().signal

server.describe('importing', () => {
  let database: TestDatabase
  let harness: Harness

  beforeAll(async () => {
    database = await createTestDatabase(server.url)
    harness = await Harness.open(database.url)
  })
  afterAll(async () => {
    await harness.close()
    await database.remove()
  })

  const rowsOf = (table: string, count: number, name = 'imported') =>
    Array.from({ length: count }, (_, index) =>
      eventOf(
        'INSERT',
        table,
        { id: `r${index}`, name: `${name}\t\\ ${index}`, size: index, tags: null },
        { imported: true },
      ),
    )

  async function* inChunks(rows: readonly ChangeEvent[], size = 1_000) {
    for (let from = 0; from < rows.length; from += size) yield rows.slice(from, from + size)
  }

  const load = (schema: TableSchema, rows: readonly ChangeEvent[], mode: 'replace' | 'merge', signal = never) =>
    harness.driver.importer!.load({ schema, rows: inChunks(rows), mode }, signal)

  const itemOf = (table: string) => schemaOf(table, { name: 'string', size: 'integer', tags: 'array!' })

  it.each(['replace', 'merge'] as const)('%s stores every value as it is', async (mode) => {
    const schema = itemOf(`my "${mode}"`)
    expect(await load(schema, rowsOf(schema.table, 12_000), mode)).toEqual({ rows: 12_000 })
    const rows = await database.readTable(schema.table)
    expect(rows.length).toBe(12_000)
    expect(rows.find(({ id }) => id === 'r11999')).toEqual({
      id: 'r11999',
      name: 'imported\t\\ 11999',
      size: '11999',
      tags: '[]',
    })
  })

  it('replace makes the table anew, columns and all', async () => {
    await database.query(`CREATE TABLE shaped (id text, legacy text); INSERT INTO shaped VALUES ('x', 'old')`)
    await load(itemOf('shaped'), rowsOf('shaped', 2), 'replace')
    expect((await database.readTable('shaped')).map((row) => Object.keys(row))).toEqual([
      ['id', 'name', 'size', 'tags'],
      ['id', 'name', 'size', 'tags'],
    ])
  })

  it('merge adapts to the table that is there', async () => {
    await database.query(
      `CREATE TABLE merged (id text PRIMARY KEY, size numeric, own text); INSERT INTO merged VALUES ('r1', 0, 'kept'), ('z', 9, 'kept')`,
    )
    const rows = rowsOf('merged', 8_000)
    await load(itemOf('merged'), [...rows, ...rowsOf('merged', 3, 'repeated')], 'merge')
    const stored = await database.readTable('merged')
    expect(stored.length).toBe(8_001)
    expect(stored.find(({ id }) => id === 'r1')).toEqual({
      id: 'r1',
      size: '1',
      own: 'kept',
      name: 'repeated\t\\ 1',
      tags: '[]',
    })
    expect(stored.find(({ id }) => id === 'z')).toMatchObject({ own: 'kept' })
  })

  it.each(['replace', 'merge'] as const)(
    '%s leaves what was there when a row is at fault, and says which',
    async (mode) => {
      const schema = itemOf(`faulty ${mode}`)
      await load(schema, rowsOf(schema.table, 5, 'before'), 'replace')
      const before = await database.readTable(schema.table)
      const rows = rowsOf(schema.table, 7_000)
      for (const [bad, at] of [
        [{ id: 'bad', size: 'many' }, 6_500],
        [{ id: 'bad', name: 'a\u0000b' }, 5_500],
      ] as const) {
        const broken = rows.with(at, eventOf('INSERT', schema.table, bad, { imported: true }))
        expect(await rejection(load(schema, broken, mode))).toMatchObject({
          code: 'record',
          index: at,
          table: schema.table,
        })
        expect(await database.readTable(schema.table)).toEqual(before)
      }
    },
  )

  it('replace names the row that only the server refuses', async () => {
    const schema = schemaOf('twice "quoted"', {})
    const rows = ['a', 'b', 'c', 'a'].map((id) => eventOf('INSERT', schema.table, { id }, { imported: true }))
    const error = await rejection(load(schema, rows, 'replace'))
    expect(error).toMatchObject({ code: 'record', index: 3, message: expect.stringContaining('duplicate key') })
    expect(await database.query('SELECT to_regclass($1) AS found', ['"twice ""quoted"""'])).toEqual([{ found: null }])
  })

  it('replace leaves the table with its key, of any columns', async () => {
    const schema = { ...schemaOf('keyed "pair"', { b: 'string', size: 'integer' }), primaryKeys: ['id', 'b'] }
    const row = (id: string, b: string) => eventOf('INSERT', schema.table, { id, b, size: 1 }, { imported: true })
    await load(schema, [row('x', 'y'), row('x', 'z')], 'replace')
    const keys = await database.query(
      `SELECT conname AS name, pg_get_constraintdef(oid) AS definition FROM pg_constraint WHERE conrelid = $1::regclass AND contype = 'p'`,
      ['"keyed ""pair"""'],
    )
    expect(keys).toEqual([{ name: 'keyed "pair"_pkey', definition: 'PRIMARY KEY (id, b)' }])
    const error = await rejection(load(schema, [row('x', 'y'), row('x', 'z'), row('x', 'y')], 'replace'))
    expect(error).toMatchObject({ code: 'record', index: 2, message: expect.stringContaining('duplicate key') })
  })

  it('replace keeps a table that others build on, and says why', async () => {
    await database.query('CREATE TABLE viewed (id text PRIMARY KEY); CREATE VIEW onlooker AS SELECT id FROM viewed')
    const error = await rejection(load(schemaOf('viewed', {}), [], 'replace'))
    expect(error).toMatchObject({ code: 'unsupported', message: expect.stringContaining('viewed') })
    expect(await database.query('SELECT * FROM onlooker')).toEqual([])
  })

  it.each(['replace', 'merge'] as const)('%s ends when it is given up, and leaves what was there', async (mode) => {
    const schema = itemOf(`given up ${mode}`)
    await load(schema, rowsOf(schema.table, 5, 'before'), 'replace')
    const before = await database.readTable(schema.table)
    const abort = new AbortController()
    async function* endless() {
      for (let chunk = 0; ; chunk++) {
        if (chunk === 3) abort.abort()
        yield rowsOf(schema.table, 100, `chunk ${chunk}`).map((row) => row)
      }
    }
    const request = { schema, rows: endless(), mode }
    expect(await rejection(harness.driver.importer!.load(request, abort.signal))).toMatchObject({ code: 'connection' })
    await expect
      .poll(() =>
        database.query(
          `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND state LIKE '%in transaction%'`,
        ),
      )
      .toEqual([])
    expect(await database.readTable(schema.table)).toEqual(before)
  })

  it('several tables load at the same time, next to the stream', async () => {
    const schemas = ['load one', 'load two', 'load three'].map(itemOf)
    const live = itemOf('live')
    await harness.prepare(live)
    const results = await Promise.all([
      ...schemas.map((schema) => load(schema, rowsOf(schema.table, 2_000), 'replace')),
      harness.write(rowsOf('live', 500)),
    ])
    expect(results).toEqual([{ rows: 2_000 }, { rows: 2_000 }, { rows: 2_000 }, {}])
    for (const { table } of [...schemas, live]) expect((await database.readTable(table)).length).toBeGreaterThan(0)
  })
})
