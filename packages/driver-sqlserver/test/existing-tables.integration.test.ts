import type { JsonValue } from '@eds/core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { eventOf, schemaOf } from './fixtures.js'
import { Harness, rejection } from './harness.js'
import { startTestServer, type TestServer } from './test-server.js'

describe('tables that are there already', () => {
  let server: TestServer
  let harness: Harness

  beforeAll(async () => {
    server = await startTestServer()
  })
  beforeEach(async () => {
    harness = await Harness.open(server.url)
  })
  afterEach(() => harness.close())
  afterAll(() => server.remove())

  it('one that the old EDS server made is used as it is, with its rules for null', async () => {
    await server.query(
      'CREATE TABLE [old] ([id] VARCHAR(64) NOT NULL PRIMARY KEY, [done] BIT NOT NULL, [size] BIGINT NOT NULL, [tags] NVARCHAR(MAX) NOT NULL, [data] NVARCHAR(MAX) NOT NULL, [price] FLOAT, [at] NVARCHAR(MAX))',
    )
    const schema = schemaOf('old', {
      done: 'boolean!',
      size: 'integer!',
      tags: 'array!',
      data: 'object!',
      price: 'number',
      at: 'date-time',
      later: 'string',
    })
    expect(await harness.prepare(schema)).toEqual([{ table: 'old', change: 'columns added', columns: ['later'] }])
    const at = '2024-07-11T17:56:51.708587Z'
    await harness.write([
      eventOf('INSERT', 'old', { id: 'a', done: null, size: null, tags: null, data: null, price: null, at }),
      eventOf('INSERT', 'old', { id: 'b', done: true, size: 7, tags: [1], data: { x: 1 }, price: 0.1, at: null }),
      eventOf('UPDATE', 'old', { id: 'c', price: 2 }),
    ])
    const rows = await server.readTable('old')
    expect(rows.sort((left, right) => (String(left.id) < String(right.id) ? -1 : 1))).toMatchObject([
      { id: 'a', done: false, tags: '', data: '{}', price: null, at },
      { id: 'b', done: true, tags: '[1]', data: '{"x":1}', price: 0.1, at: null },
      { id: 'c', done: false, tags: '', data: '{}', price: 2 },
    ])
    expect(rows.map(({ size }) => String(size))).toEqual(['0', '7', '0'])
  })

  it('keys that are one to its collation are refused, within a batch and across batches', async () => {
    await server.query('CREATE TABLE [loose] ([id] VARCHAR(64) NOT NULL PRIMARY KEY, [name] NVARCHAR(MAX))')
    await harness.prepare(schemaOf('loose', { name: 'string' }))
    const insert = (id: string) => eventOf('INSERT', 'loose', { id, name: id })
    const { failures } = await harness.write([insert('a'), insert('A')])
    expect(failures).toMatchObject([{ index: 1, error: { code: 'record' } }])
    expect(await rejection(harness.write([insert('A')]))).toMatchObject({ code: 'record', table: 'loose' })
    await harness.write([eventOf('DELETE', 'loose', { id: 'A' })])
    expect(await server.readTable('loose')).toEqual([{ id: 'a', name: 'a' }])
    expect(await harness.write([insert('b ')])).toMatchObject({ failures: [{ index: 0, error: { code: 'record' } }] })
  })

  it('keys that differ in case are two rows in a table that EDS has made', async () => {
    await harness.prepare(schemaOf('strict', { name: 'string' }))
    const insert = (id: string) => eventOf('INSERT', 'strict', { id, name: id })
    expect(await harness.write([insert('a'), insert('A')])).toEqual({})
    expect(await server.readTable('strict')).toHaveLength(2)
  })

  it.each<[type: string, sent: JsonValue, stored: unknown]>([
    ['DATETIME2(6)', '2024-07-11T17:56:51.708587Z', /^2024-07-11[T ]17:56:51\.708/],
    ['DATETIME', '2024-07-11T19:56:51.707+02:00', /^2024-07-11[T ]17:56:51\.707/],
    ['DATE', '2024-07-11T00:00:00Z', /^2024-07-11/],
    ['DATETIMEOFFSET(6)', '2024-07-11T19:56:51.708587+02:00', /^2024-07-11[T ]17:56:51\.708/],
    ['DECIMAL(20, 4)', '1234567890123456.7891', /^1234567890123456\.7891$/],
    ['INT', '42', /^42$/],
    ['UNIQUEIDENTIFIER', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', /^a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11$/i],
    ['NVARCHAR(5)', 'exact', /^exact$/],
  ])('a value goes into %s', async (type, sent, stored) => {
    const table = `typed ${type}`
    await server.query(`CREATE TABLE [${table}] ([id] NVARCHAR(64) NOT NULL PRIMARY KEY, [value] ${type})`)
    await harness.prepare(schemaOf(table, { value: 'string' }))
    expect(await harness.write([eventOf('INSERT', table, { id: 'a', value: sent })])).toEqual({})
    const [row] = await server.query<{ value: string }>(
      `SELECT CAST([value] AS NVARCHAR(60)) AS [value] FROM [${table}]`,
    )
    expect(row?.value).toMatch(stored as RegExp)
  })

  it.each<[type: string, sent: JsonValue]>([
    ['DATETIME', '2024-07-11T17:56:51.708Z'],
    ['DATE', '2024-07-11T17:56:51Z'],
    ['NVARCHAR(2)', 'abc'],
    ['VARCHAR(9)', 'naïve'],
    ['BIT', 'maybe'],
  ])('what %s cannot hold is refused, and the rest is written', async (type, sent) => {
    const table = `narrow ${type}`
    await server.query(`CREATE TABLE [${table}] ([id] NVARCHAR(64) NOT NULL PRIMARY KEY, [value] ${type})`)
    await harness.prepare(schemaOf(table, { value: 'string' }))
    const result = await harness.write([
      eventOf('INSERT', table, { id: 'a', value: null }),
      eventOf('INSERT', table, { id: 'b', value: sent }),
    ])
    expect(result).toMatchObject({ failures: [{ index: 1, error: { code: 'record' } }] })
    expect(await server.readTable(table)).toEqual([{ id: 'a', value: null }])
  })

  it('a row that cannot be made of a partial image is a failure of that event alone', async () => {
    await server.query(
      'CREATE TABLE [demanding] ([id] NVARCHAR(64) NOT NULL PRIMARY KEY, [price] FLOAT NOT NULL, [name] NVARCHAR(MAX))',
    )
    await harness.prepare(schemaOf('demanding', { price: 'number', name: 'string' }))
    const result = await harness.write([
      eventOf('INSERT', 'demanding', { id: 'a', price: 1, name: 'x' }),
      eventOf('UPDATE', 'demanding', { id: 'b', name: 'y' }),
      eventOf('UPDATE', 'demanding', { id: 'c', price: 3 }),
    ])
    expect(result).toMatchObject({ failures: [{ index: 1, error: { code: 'record', table: 'demanding' } }] })
    expect(await harness.write([eventOf('UPDATE', 'demanding', { id: 'a', name: 'z' })])).toEqual({})
    expect(await server.readTable('demanding')).toMatchObject([
      { id: 'a', price: 1, name: 'z' },
      { id: 'c', price: 3 },
    ])
  })

  it.each([
    [
      'CREATE TABLE [keyless] ([id] NVARCHAR(64) NOT NULL)',
      'keyless',
      /ALTER TABLE \[dbo\]\.\[keyless\] ADD PRIMARY KEY/,
    ],
    [
      'CREATE TABLE [binary] ([id] NVARCHAR(64) NOT NULL PRIMARY KEY, [name] VARBINARY(9))',
      'binary',
      /change the type of the column/,
    ],
    [
      'CREATE TABLE [more] ([id] NVARCHAR(64) NOT NULL PRIMARY KEY, [name] NVARCHAR(9), [own] INT NOT NULL)',
      'more',
      /ALTER COLUMN \[own\] INT NULL/,
    ],
  ])('%s: says what to do', async (statement, table, fix) => {
    await server.query(statement)
    expect(await rejection(harness.prepare(schemaOf(table, { name: 'string' })))).toMatchObject({
      code: 'unsupported',
      fix: expect.stringMatching(fix),
    })
  })

  it('tables whose names differ in case only are refused', async () => {
    await harness.prepare(schemaOf('Case', { name: 'string' }))
    expect(await rejection(harness.prepare(schemaOf('case', { name: 'string' })))).toMatchObject({
      code: 'record',
      table: 'case',
    })
  })

  it('several keys are one row', async () => {
    const schema = schemaOf('pair', { a: 'string!', b: 'integer!', name: 'string' }, { primaryKeys: ['a', 'b'] })
    await harness.prepare(schema)
    const pair = (operation: 'INSERT' | 'DELETE', a: string, b: number) =>
      eventOf(operation, 'pair', { a, b, name: `${a}${b}` }, { key: [a, String(b)] })
    await harness.write([pair('INSERT', 'x', 1), pair('INSERT', 'x', 2), pair('INSERT', 'y', 1)])
    await harness.write([pair('DELETE', 'x', 2)])
    expect((await server.readTable('pair')).map(({ name }) => name).sort()).toEqual(['x1', 'y1'])
  })
})
