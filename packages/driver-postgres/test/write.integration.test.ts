import { ExactNumber, type Row } from '@eds/core'
import { requireService } from '@eds/tool-services/vitest'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { eventOf, schemaOf } from './fixtures.js'
import { Harness, rejection } from './harness.js'
import { createTestDatabase, type TestDatabase } from './test-database.js'

const server = await requireService('postgres')

server.describe('writing', () => {
  let database: TestDatabase
  let harness: Harness | undefined

  beforeAll(async () => {
    database = await createTestDatabase(server.url)
  })
  afterEach(() => harness?.close())
  afterAll(() => database.remove())

  const open = async (...schemas: Parameters<Harness['prepare']>) => {
    harness = await Harness.open(database.url, schemas)
    return harness
  }

  /** More rows than COPY is chosen for, of the same table. */
  const many = (table: string, row: Row = {}, count = 100) =>
    Array.from({ length: count }, (_, index) => eventOf('INSERT', table, { id: `many ${index}`, ...row }))

  const manyOrFew: readonly (readonly [way: string, filler: (table: string) => ReturnType<typeof many>])[] = [
    ['COPY', (table) => many(table)],
    ['parameters', () => []],
  ]

  const oneById = async (table: string, id: string) => {
    const rows = await database.readTable(table)
    return rows.find((row) => row.id === id)
  }

  it.each(manyOrFew)('keeps every value by %s', async (way, filler) => {
    const table = `values ${way}`
    const schema = schemaOf(table, {
      text: 'string',
      integer: 'integer',
      number: 'number',
      boolean: 'boolean',
      at: 'date-time',
      object: 'object',
      array: 'array',
      tags: 'enum[]',
    })
    const { driver, write } = bound(await open(schema))
    const hostile = '\\N \\. \t\r\n\b\f\v " \' $1 {0} \u0001 \u007f \u2028 🔧 é \ufeff'
    const row = {
      id: 'row',
      text: hostile,
      integer: new ExactNumber('9007199254740993'),
      number: 0.30000000000000004,
      boolean: false,
      at: '2024-07-11T17:56:51.708587+05:30',
      object: { [hostile]: [hostile, new ExactNumber('123456789012345678901234567890'), null] },
      array: [],
      tags: ['a', 'b'],
    }
    expect(await write([...filler(table), eventOf('INSERT', table, row)])).toEqual({})
    const stored = await oneById(table, 'row')
    expect(stored).toMatchObject({
      text: hostile,
      integer: '9007199254740993',
      number: '0.30000000000000004',
      boolean: 'f',
      at: '2024-07-11 12:26:51.708587+00',
      array: '[]',
      tags: '["a","b"]',
    })
    expect(stored?.object).toContain('123456789012345678901234567890')
    expect(JSON.parse(stored!.object!)[hostile][0]).toBe(hostile)
    await driver.close()
  })

  it.each(manyOrFew)('sets aside what cannot be stored and writes the rest, by %s', async (way, filler) => {
    const table = `refused ${way}`
    const { write } = bound(await open(schemaOf(table, { text: 'string', integer: 'integer', object: 'object' })))
    const before = filler(table)
    const events = [
      ...before,
      eventOf('INSERT', table, { id: 'good', text: 'stays' }),
      eventOf('INSERT', table, { id: 'nul', text: 'a\u0000b' }),
      eventOf('UPDATE', table, { id: 'nul', text: 'behind' }),
      eventOf('INSERT', table, { id: 'surrogate', text: 'a\ud800b' }),
      eventOf('INSERT', table, { id: 'json', object: { a: ['\u0000'] } }),
      eventOf('INSERT', table, { id: 'key\u0000', text: 'x' }),
      eventOf('INSERT', table, { id: 'huge', integer: new ExactNumber('9223372036854775808') }),
      eventOf('INSERT', table, { id: 'also good', text: '\\u0000' }),
    ]
    const { failures = [] } = await write(events)
    expect(failures.map(({ index, error }) => [index - before.length, error.code])).toEqual([
      [1, 'record'],
      [2, 'record'],
      [3, 'record'],
      [4, 'record'],
      [5, 'record'],
      [6, 'record'],
    ])
    expect((await database.readTable(table)).length).toBe(before.length + 2)
    expect(await oneById(table, 'also good')).toMatchObject({ text: '\\u0000' })
  })

  it.each(manyOrFew)('changes only the columns that an update carries, by %s', async (way, filler) => {
    const table = `partial ${way}`
    const { write } = bound(await open(schemaOf(table, { a: 'string', b: 'integer', c: 'object', d: 'array!' })))
    const rows = ['one', 'two', 'three'].map((id) =>
      eventOf('INSERT', table, { id, a: 'old', b: 1, c: { old: true }, d: [1] }),
    )
    await write(rows)
    const events = [
      ...filler(table),
      eventOf('UPDATE', table, { id: 'one', a: 'new' }),
      eventOf('UPDATE', table, { id: 'one', c: null }),
      eventOf('UPDATE', table, { b: 2 }, { key: ['two'] }),
      eventOf('UPDATE', table, { id: 'three', d: null }),
      eventOf('UPDATE', table, { id: 'new', b: 9 }),
    ]
    expect(await write(events)).toEqual({})
    expect(await oneById(table, 'one')).toEqual({ id: 'one', a: 'new', b: '1', c: null, d: '[1]' })
    expect(await oneById(table, 'two')).toEqual({ id: 'two', a: 'old', b: '2', c: '{"old": true}', d: '[1]' })
    expect(await oneById(table, 'three')).toMatchObject({ a: 'old', d: '[]' })
    expect(await oneById(table, 'new')).toEqual({ id: 'new', a: null, b: '9', c: null, d: '[]' })
  })

  it.each(manyOrFew)(
    'updates rows without the columns that must not be null, and tells which are not there, by %s',
    async (way, filler) => {
      const table = `strict ${way}`
      await database.query(
        `CREATE TABLE "${table}" (id text PRIMARY KEY, name text NOT NULL, size int, lines jsonb NOT NULL, stock int NOT NULL DEFAULT 7)`,
      )
      const { write } = bound(
        await open(schemaOf(table, { name: 'string!', size: 'integer', lines: 'array!', stock: 'integer' })),
      )
      const before = filler(table).map((event) => eventOf('INSERT', table, { ...event.after, name: 'x' }))
      await write([...before, eventOf('INSERT', table, { id: 'there', name: 'kept', size: 1, lines: [1], stock: 1 })])
      const events = [
        ...before,
        eventOf('UPDATE', table, { id: 'there', size: 2 }),
        eventOf('UPDATE', table, { id: 'absent', size: 3 }),
        eventOf('UPDATE', table, { id: 'absent', size: 4 }),
        eventOf('INSERT', table, { id: 'null', name: null, size: 5 }),
        eventOf('DELETE', table, { id: 'gone' }),
        eventOf('UPDATE', table, { id: 'gone', size: 6 }),
        eventOf('INSERT', table, { id: 'minimal', name: 'new' }),
      ]
      const { failures = [] } = await write(events)
      expect(failures.map(({ index, error }) => [index - before.length, error.code])).toEqual([
        [1, 'record'],
        [2, 'record'],
        [3, 'record'],
        [5, 'record'],
      ])
      expect(failures[0]?.error.message).toContain('(id, name)')
      expect(await oneById(table, 'there')).toEqual({ id: 'there', name: 'kept', size: '2', lines: '[1]', stock: '1' })
      expect(await oneById(table, 'minimal')).toEqual({
        id: 'minimal',
        name: 'new',
        size: null,
        lines: '[]',
        stock: '7',
      })
      expect(await oneById(table, 'absent')).toBeUndefined()
    },
  )

  it.each(manyOrFew)('deletes and makes rows anew within a batch, by %s', async (way, filler) => {
    const table = `again ${way}`
    const schema = schemaOf(table, { a: 'string' })
    const newer = schemaOf(table, { a: 'string', b: 'string' }, { modelVersion: 'v2' })
    const { write } = bound(await open(schema, newer))
    await write([
      eventOf('INSERT', table, { id: 'reborn', a: 'old', b: 'gone with the old row' }, { modelVersion: 'v2' }),
      eventOf(
        'INSERT',
        table,
        { id: 'kept', a: 'old', b: 'the older version does not know it' },
        { modelVersion: 'v2' },
      ),
    ])
    await write([
      ...filler(table),
      eventOf('DELETE', table, { id: 'reborn' }),
      eventOf('INSERT', table, { id: 'reborn', a: 'new' }),
      eventOf('INSERT', table, { id: 'kept', a: 'new' }),
      eventOf('INSERT', table, { id: 'brief', a: 'x' }),
      eventOf('DELETE', table, { id: 'brief' }),
    ])
    expect(await oneById(table, 'reborn')).toEqual({ id: 'reborn', a: 'new', b: null })
    expect(await oneById(table, 'kept')).toEqual({ id: 'kept', a: 'new', b: 'the older version does not know it' })
    expect(await oneById(table, 'brief')).toBeUndefined()
  })

  it('keeps rows with keys of several columns and types apart', async () => {
    const { write } = bound(
      await open(schemaOf('pair', { a: 'string', b: 'integer', note: 'string' }, { primaryKeys: ['a', 'b'] })),
    )
    const pairOf = (a: string, b: number) => ({ key: [a, String(b)] })
    const row = (a: string, b: number, note: string) => eventOf('INSERT', 'pair', { a, b, note }, pairOf(a, b))
    await write([row('x', 1, 'x1'), row('x', 2, 'x2'), row('y', 1, 'y1')])
    await write([
      eventOf('DELETE', 'pair', {}, pairOf('x', 1)),
      eventOf('UPDATE', 'pair', { note: 'changed' }, pairOf('y', 1)),
    ])
    expect((await database.readTable('pair')).map(({ a, b, note }) => `${a}${b} ${note}`).sort()).toEqual([
      'x2 x2',
      'y1 changed',
    ])
  })

  it('writes to tables and columns of any name', async () => {
    const names = [
      'select',
      'Mixed',
      'mixed',
      'a"b',
      "it's",
      'a;--',
      'x'.repeat(63),
      'ctid ',
      '$1',
      '_eds_stage',
      'c0',
      's',
      't',
    ]
    const schemas = names.map((name) =>
      schemaOf(name, Object.fromEntries(names.map((column) => [column, 'string' as const]))),
    )
    const { write } = bound(await open(...schemas))
    const row = Object.fromEntries(names.map((column) => [column, `value of ${column}`]))
    const events = names.flatMap((table) => [
      ...many(table, row),
      eventOf('DELETE', table, { id: 'many 0' }),
      eventOf('UPDATE', table, { id: 'many 1', select: 'changed' }),
    ])
    expect(await write(events)).toEqual({})
    for (const table of names) {
      const rows = await database.readTable(table)
      expect(rows.length).toBe(99)
      expect(rows).toContainEqual({ id: 'many 1', ...row, select: 'changed' })
    }
    const reserved = await rejection(harness!.prepare(schemaOf('system', { ctid: 'string' })))
    expect(reserved).toMatchObject({ code: 'unsupported', message: expect.stringContaining('ctid') })
  })

  it('writes many rows of a table wider than the stage was', async () => {
    const narrow = schemaOf('narrow', { a: 'string' })
    const wide = schemaOf(
      'wide',
      Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`c${index}`, 'string' as const])),
    )
    const { write } = bound(await open(narrow, wide))
    await write(many('narrow', { a: 'x' }))
    await write([...many('wide', { c99: 'last' }), ...many('narrow', { a: 'y' })])
    expect((await database.readTable('wide')).every(({ c99 }) => c99 === 'last')).toBe(true)
    expect((await database.readTable('narrow')).every(({ a }) => a === 'y')).toBe(true)
  })

  function bound(open: Harness) {
    return { driver: open.driver, write: open.write.bind(open) }
  }
})
