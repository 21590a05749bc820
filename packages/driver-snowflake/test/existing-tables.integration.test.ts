import { ExactNumber } from '@eds/core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { eventOf, schemaOf } from './fixtures.js'
import { Harness, rejection } from './harness.js'
import { createTestDatabase, type TestDatabase } from './test-database.js'

describe('tables that are there', () => {
  let database: TestDatabase
  let harness: Harness | undefined

  beforeAll(async () => {
    database = await createTestDatabase()
  })
  afterEach(() => harness?.close())
  afterAll(() => database.remove())

  const create = (table: string, columns: string) => database.query(`CREATE TABLE ${database.name(table)} (${columns})`)

  it('writes to columns of the types that a table has', async () => {
    await create(
      'adapted',
      `"id" INTEGER NOT NULL, "code" VARCHAR(5), "exact" NUMBER(10,2), "flag" BOOLEAN, "doc" OBJECT, "any" VARIANT,
      "list" ARRAY, "day" DATE, "zoned" TIMESTAMP_TZ(6), "local" TIMESTAMP_LTZ, "coarse" TIMESTAMP_NTZ(3), "note" STRING, PRIMARY KEY ("id")`,
    )
    const schema = schemaOf('adapted', {
      id: 'integer!',
      code: 'string',
      exact: 'number',
      flag: 'boolean',
      doc: 'object',
      any: 'object',
      list: 'array',
      day: 'date-time',
      zoned: 'date-time',
      local: 'date-time',
      coarse: 'date-time',
      note: 'object',
    })
    harness = await Harness.open(database.url, [schema])
    const row = {
      id: new ExactNumber('12345678901234567890123456789012345678'),
      code: 'a😀cde',
      exact: new ExactNumber('12345678.10'),
      flag: true,
      doc: { b: 1, a: 'x' },
      any: { deep: [{ n: new ExactNumber('9007199254740993') }] },
      list: [1, 'two', null],
      day: '2024-07-11',
      zoned: '2024-07-11T23:30:00.5-07:00',
      local: '2024-07-11T23:30:00-07:00',
      coarse: '2024-07-11T23:30:00.123Z',
      note: { z: 1 },
    }
    expect(await harness.write([eventOf('INSERT', 'adapted', row)])).toEqual({})
    const [stored] = await database.readTable('adapted')
    expect(stored).toMatchObject({
      id: '12345678901234567890123456789012345678',
      code: 'a😀cde',
      exact: '12345678.10',
      day: '2024-07-11',
      note: '{"z":1}',
    })
    expect(JSON.stringify(stored)).toContain('9007199254740993')
    expect(String(stored?.zoned)).toMatch(/^2024-07-12 06:30:00\.50*/)
    const bad = [
      ['code', 'abcdef'],
      ['exact', 0.001],
      ['exact', 1e12],
      ['doc', [1]],
      ['list', { a: 1 }],
      ['any', { n: new ExactNumber('123456789012345678901234567890123456789') }],
      ['any', { half: '\ud800' }],
      ['day', '2024-07-11T10:00:00Z'],
      ['coarse', '2024-07-11T10:00:00.1234Z'],
      ['flag', 'maybe'],
    ] as const
    const events = bad.map(([name, value], index) => eventOf('INSERT', 'adapted', { ...row, id: index, [name]: value }))
    const { failures = [] } = await harness.write(events)
    expect(failures.map(({ index, error }) => [index, error.code])).toEqual(bad.map((_, index) => [index, 'record']))
    expect((await database.readTable('adapted')).length).toBe(1)
  })

  it('stores a value of its own for null where a column may not be null', async () => {
    const columns = [
      '"text" STRING',
      '"count" INTEGER',
      '"rate" FLOAT',
      '"flag" BOOLEAN',
      '"list" VARIANT',
      '"doc" STRING',
    ]
    await create(
      'strict',
      `"id" STRING NOT NULL, ${columns.map((one) => `${one} NOT NULL`).join(', ')}, PRIMARY KEY ("id")`,
    )
    const schema = schemaOf('strict', {
      text: 'string!',
      count: 'integer!',
      rate: 'number!',
      flag: 'boolean!',
      list: 'array!',
      doc: 'object!',
    })
    harness = await Harness.open(database.url, [schema])
    const nulls = { text: null, count: null, rate: null, flag: null, list: null, doc: null }
    await harness.write([
      eventOf('INSERT', 'strict', { id: 'null', ...nulls }),
      eventOf('INSERT', 'strict', { id: 'none' }),
    ])
    const filled = { text: '', count: '0', rate: '0', flag: false, list: '[]', doc: '{}' }
    const rows = await database.readTable('strict')
    expect(rows.toSorted((left, right) => (String(left.id) < String(right.id) ? -1 : 1))).toEqual([
      { id: 'none', ...filled },
      { id: 'null', ...filled },
    ])
  })

  it('reports changes that can make no row, and applies them to rows that are there', async () => {
    await create('dated', '"id" STRING NOT NULL, "at" TIMESTAMP_NTZ NOT NULL, "size" INTEGER, PRIMARY KEY ("id")')
    harness = await Harness.open(database.url, [schemaOf('dated', { at: 'date-time!', size: 'integer' })])
    await harness.write([eventOf('INSERT', 'dated', { id: 'a', at: '2024-01-01T00:00:00Z', size: 1 })])
    const changes = ['a', 'b'].map((id) => eventOf('UPDATE', 'dated', { id, size: 2 }))
    expect(await harness.write(changes)).toMatchObject({ failures: [{ index: 1, error: { code: 'record' } }] })
    expect(await database.readTable('dated')).toMatchObject([{ id: 'a', size: '2' }])
  })

  it('refuses tables that it cannot write to, and leaves them as they are', async () => {
    await create('keyless', '"id" STRING, "a" STRING')
    await create('bytes', '"id" STRING NOT NULL, "a" BINARY, PRIMARY KEY ("id")')
    await create('demanding', '"id" STRING NOT NULL, "own" STRING NOT NULL, PRIMARY KEY ("id")')
    await create('otherwise', '"id" STRING NOT NULL, "a" STRING NOT NULL, PRIMARY KEY ("id", "a")')
    harness = await Harness.open(database.url)
    for (const table of ['keyless', 'bytes', 'demanding', 'otherwise']) {
      const error = await rejection(harness.prepare(schemaOf(table, { a: 'string' })))
      expect(error, table).toMatchObject({ code: 'unsupported', table })
    }
  })

  it('adds columns to a table that has rows, and keeps a composite key', async () => {
    await create('pairs', '"a" STRING NOT NULL, "b" INTEGER NOT NULL, "c" STRING, PRIMARY KEY ("a", "b")')
    const table = database.name('pairs')
    await database.query(`INSERT INTO ${table} ("a", "b", "c") VALUES ('x', 1, 'kept'), ('x', 2, 'kept')`)
    harness = await Harness.open(database.url)
    const schema = schemaOf(
      'pairs',
      { a: 'string!', b: 'integer!', c: 'string', d: 'object' },
      { primaryKeys: ['a', 'b'] },
    )
    const { id: _, ...properties } = schema.properties
    expect(await harness.prepare({ ...schema, properties })).toEqual([
      { table: 'pairs', change: 'columns added', columns: ['d'] },
    ])
    await harness.write([eventOf('UPDATE', 'pairs', { a: 'x', b: 2, d: {} }, { key: ['x', '2'] })])
    expect(await database.readTable('pairs')).toMatchObject([
      { b: '1', c: 'kept', d: null },
      { b: '2', c: 'kept', d: '{}' },
    ])
  })
})
