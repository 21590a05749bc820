import { ExactNumber, type Row } from '@eds/core'
import { requireService } from '@eds/tool-services/vitest'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { eventOf, schemaOf } from './fixtures.js'
import { Harness, rejection } from './harness.js'
import { createTestDatabase, type TestDatabase } from './test-database.js'

const server = await requireService('mariadb')

server.describe('tables that are there', () => {
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

  const adapted = schemaOf('adapted', {
    id: 'string!',
    code: 'string',
    fixed: 'string',
    small: 'integer',
    wide: 'integer',
    exact: 'number',
    single: 'number',
    flag: 'boolean',
    bits: 'integer',
    doc: 'object',
    day: 'date-time',
    local: 'date-time',
    stamp: 'date-time',
    year: 'integer',
    mood: 'string',
    traits: 'array',
    note: 'string',
    shout: 'string',
  })
  const row = {
    id: '18446744073709551615',
    code: 'abcd🔧',
    fixed: 'ab',
    small: -5,
    wide: new ExactNumber('9007199254740993'),
    exact: new ExactNumber('12345678901234567890.10'),
    single: 0.5,
    flag: true,
    bits: 5,
    doc: { big: new ExactNumber('123456789012345678901234567890.5'), a: '\u0000\\' },
    day: '2024-07-11',
    local: '2024-07-11T23:30:00.123456-07:00',
    stamp: '2038-01-19T03:14:07Z',
    year: 2024,
    mood: 'sad',
    traits: ['b', 'a'],
    note: 'loud',
    shout: 'is computed by the database',
  }

  it('writes to columns of the types that a table has, and refuses what they would change', async () => {
    await database.query(`CREATE TABLE adapted (
      id bigint unsigned PRIMARY KEY, code varchar(5), fixed char(4), small tinyint, wide bigint, exact decimal(30, 2), single float,
      flag boolean, bits bit(3), doc json, day date, local datetime(6), stamp timestamp NULL, year year, mood enum('happy', 'sad'),
      traits set('a', 'b'), note tinytext, shout text AS (upper(note)) STORED) DEFAULT CHARSET utf8mb4`)
    const { write } = bound(await open(adapted))
    expect(await write([eventOf('INSERT', 'adapted', row)])).toEqual({})
    expect(await database.readTable('adapted')).toEqual([
      {
        id: '18446744073709551615',
        code: 'abcd🔧',
        fixed: 'ab',
        small: '-5',
        wide: '9007199254740993',
        exact: '12345678901234567890.10',
        single: '0.5',
        flag: '1',
        bits: '5',
        doc: '{"big":123456789012345678901234567890.5,"a":"\\u0000\\\\"}',
        day: '2024-07-11',
        local: '2024-07-12 06:30:00.123456',
        stamp: '2038-01-19 03:14:07',
        year: '2024',
        mood: 'sad',
        traits: 'a,b',
        note: 'loud',
        shout: 'LOUD',
      },
    ])
    const bad: readonly (readonly [string, Row[string]])[] = [
      ['id', -1],
      ['code', 'abcdef'],
      ['fixed', 'ab '],
      ['small', 128],
      ['wide', new ExactNumber('9223372036854775808')],
      ['exact', 0.001],
      ['flag', 'maybe'],
      ['bits', 8],
      ['day', '2024-07-11T10:00:00Z'],
      ['local', '2024-07-11T10:00:00.1234567Z'],
      ['stamp', '1969-12-31T23:59:59Z'],
      ['year', 1900],
      ['mood', '1'],
      ['traits', ['c']],
      ['note', 'ü'.repeat(128)],
      ['code', 'a\ud800'],
    ]
    const events = bad.map(([name, value], index) => eventOf('INSERT', 'adapted', { ...row, id: index, [name]: value }))
    const { failures = [] } = await write(events)
    expect(failures.map(({ index }) => index)).toEqual([...bad.keys()])
    const late = eventOf('INSERT', 'adapted', { ...row, id: 7, stamp: '2038-01-19T03:14:08Z' })
    expect(await rejection(write([eventOf('INSERT', 'adapted', { ...row, id: 6 }), late]))).toMatchObject({
      code: 'record',
      table: 'adapted',
      index: 1,
    })
    expect((await database.readTable('adapted')).length).toBe(1)
  })

  it('finds rows by keys beyond what a double holds', async () => {
    await database.query('CREATE TABLE counted (id bigint PRIMARY KEY, a text)')
    const { write } = bound(await open(schemaOf('counted', { id: 'integer!', a: 'string' })))
    const ids = ['9007199254740992', '9007199254740993'].map((text) => new ExactNumber(text))
    await write(ids.map((id) => eventOf('INSERT', 'counted', { id, a: 'x' }, { key: [id.text] })))
    await write([eventOf('DELETE', 'counted', { id: ids[1]! }, { key: [ids[1]!.text] })])
    expect(await database.readTable('counted')).toEqual([{ id: '9007199254740992', a: 'x' }])
  })

  it('refuses tables that it cannot write to, and leaves them as they are', async () => {
    await database.query('CREATE TABLE keyless (id varchar(64), a text); CREATE VIEW looked_at AS SELECT 1 AS id')
    await database.query('CREATE TABLE partly (id varchar(64), a text, UNIQUE (id(3)))')
    await database.query('CREATE TABLE shaped (id varchar(64) PRIMARY KEY, a blob)')
    harness = await Harness.open(database.url)
    for (const table of ['keyless', 'looked_at', 'partly', 'shaped']) {
      const error = await rejection(harness.prepare(schemaOf(table, { a: 'string' })))
      expect(error, table).toMatchObject({ code: 'unsupported', table })
    }
  })

  it('never overwrites the row that has the same value in another unique index', async () => {
    await database.query(
      'CREATE TABLE person (id varchar(64) COLLATE utf8mb4_bin PRIMARY KEY, mail varchar(64) UNIQUE, name text)',
    )
    const { write } = bound(await open(schemaOf('person', { mail: 'string', name: 'string' })))
    const person = (id: string, mail: string, name: string) => eventOf('INSERT', 'person', { id, mail, name })
    expect(await write([person('a', 'a@x', 'A'), person('b', 'b@x', 'B')])).toEqual({})
    expect(await rejection(write([person('c', 'a@x', 'C')]))).toMatchObject({
      code: 'record',
      table: 'person',
      index: 0,
    })
    expect(await rejection(write([person('b', 'a@x', 'B2')]))).toMatchObject({
      code: 'record',
      table: 'person',
      index: 0,
    })
    expect(await write([person('b', 'b2@x', 'B3')])).toEqual({})
    expect(await database.readTable('person')).toEqual([
      { id: 'a', mail: 'a@x', name: 'A' },
      { id: 'b', mail: 'b2@x', name: 'B3' },
    ])
  })

  it('keys that the collation takes for one never meet', async () => {
    await database.query('CREATE TABLE folded (id varchar(64) COLLATE utf8mb4_general_ci PRIMARY KEY, a text)')
    const { write } = bound(await open(schemaOf('folded', { a: 'string' })))
    const put = (id: string, a: string) => eventOf('INSERT', 'folded', { id, a })
    expect(await write([put('key', 'first')])).toEqual({})
    for (const id of ['KEY', 'key ']) {
      expect(await rejection(write([put(id, 'other')]))).toMatchObject({ code: 'record', table: 'folded' })
      expect(await write([eventOf('DELETE', 'folded', { id })])).toEqual({})
    }
    expect(await rejection(write([put('new', 'x'), put('New', 'y')]))).toMatchObject({ code: 'record' })
    expect(await database.readTable('folded')).toEqual([{ id: 'key', a: 'first' }])
    expect(await write([eventOf('UPDATE', 'folded', { id: 'key', a: 'second' })])).toEqual({})
    expect(await write([eventOf('DELETE', 'folded', { id: 'key' })])).toEqual({})
    expect(await database.readTable('folded')).toEqual([])
  })

  it('a column that the table sets by itself keeps its value', async () => {
    await database.query(
      'CREATE TABLE stamped (id varchar(64) PRIMARY KEY, a text, at timestamp NOT NULL DEFAULT current_timestamp ON UPDATE current_timestamp)',
    )
    const { write } = bound(await open(schemaOf('stamped', { a: 'string', at: 'date-time' })))
    await write([eventOf('INSERT', 'stamped', { id: 'x', a: 'first', at: '2001-02-03T04:05:06Z' })])
    await write([eventOf('UPDATE', 'stamped', { id: 'x', a: 'second' })])
    expect(await database.readTable('stamped')).toEqual([{ id: 'x', a: 'second', at: '2001-02-03 04:05:06' }])
  })

  it('a change that cannot make a row and finds none is a failure', async () => {
    await database.query('CREATE TABLE strict (id varchar(64) PRIMARY KEY, a varchar(9) NOT NULL, b text)')
    const { write } = bound(await open(schemaOf('strict', { a: 'string', b: 'string' })))
    await write([eventOf('INSERT', 'strict', { id: 'x', a: 'there' })])
    const changes = [
      eventOf('UPDATE', 'strict', { id: 'none', b: '1' }),
      eventOf('UPDATE', 'strict', { id: 'x', b: '1' }),
    ]
    expect(await write(changes)).toMatchObject({ failures: [{ index: 0, error: { code: 'record' } }] })
    expect(await write([changes[1]!])).toEqual({})
    expect(await database.readTable('strict')).toEqual([{ id: 'x', a: 'there', b: '1' }])
  })

  it('notices a table that is altered or dropped under it', async () => {
    const schema = schemaOf('moving', { a: 'string' })
    const { write } = bound(await open(schema))
    const event = eventOf('INSERT', 'moving', { id: 'x', a: 'y' })
    for (const statement of ['ALTER TABLE moving DROP COLUMN a', 'DROP TABLE moving']) {
      await database.query(statement)
      expect(await rejection(write([event]))).toMatchObject({ code: 'schema', table: 'moving' })
      await harness!.prepare(schema)
      expect(await write([event])).toEqual({})
      expect(await database.readTable('moving')).toEqual([{ id: 'x', a: 'y' }])
    }
  })

  it('makes tables of hundreds of columns, of several keys, and of reserved words', async () => {
    const names = Array.from({ length: 400 }, (_, index) => `column ${index}`)
    const wide = schemaOf('select', Object.fromEntries(names.map((name) => [name, 'string' as const])))
    const keyed = schemaOf(
      'keyed',
      { a: 'string!', b: 'string!', c: 'string!', d: 'integer!', value: 'string' },
      { primaryKeys: ['a', 'b', 'c', 'd'] },
    )
    const { write } = bound(await open(wide, keyed))
    const values = Object.fromEntries(names.map((name) => [name, 'short']))
    expect(await write([eventOf('INSERT', 'select', { id: 'x', ...values })])).toEqual({})
    const key = { a: 'a ', b: 'B', c: 'c', d: 4 }
    expect(await write([eventOf('INSERT', 'keyed', { ...key, value: 'x' }, { key: ['a ', 'B', 'c', '4'] })])).toEqual(
      {},
    )
    expect(await write([eventOf('UPDATE', 'keyed', { ...key, value: 'y' }, { key: ['a ', 'B', 'c', '4'] })])).toEqual(
      {},
    )
    expect(await database.readTable('keyed')).toEqual([{ a: 'a ', b: 'B', c: 'c', d: '4', value: 'y' }])
    expect(await write([eventOf('DELETE', 'keyed', key, { key: ['a ', 'B', 'c', '4'] })])).toEqual({})
    expect(await database.readTable('keyed')).toEqual([])
  })

  it('a row above max_allowed_packet is a failure of its event, one of many megabytes is stored', async () => {
    const { write } = bound(await open(schemaOf('large', { a: 'string' })))
    const fits = eventOf('INSERT', 'large', { id: 'fits', a: 'ä'.repeat(9_000_000) })
    expect(await write([fits])).toEqual({})
    expect(await database.query('SELECT CHAR_LENGTH(a) AS length FROM large')).toEqual([{ length: '9000000' }])
    const events = [fits, eventOf('INSERT', 'large', { id: 'huge', a: 'x'.repeat(68_000_000) })]
    expect(await rejection(write(events))).toMatchObject({ code: 'record', index: 1, table: 'large' })
  })

  it('says which rights are missing', async () => {
    const test = () => harness!.driver.probe!.test(new AbortController().signal)
    await open(schemaOf('probed', {}))
    expect(await test()).toEqual({ summary: expect.stringMatching(/^MariaDB \d/), warnings: [] })
    await database.query(`REVOKE ALL ON ${database.name}.* FROM ${database.name}@'%'`)
    try {
      await database.query(`GRANT SELECT, INSERT ON ${database.name}.* TO ${database.name}@'%'`)
      expect(await rejection(test())).toMatchObject({ code: 'authentication', fix: expect.stringContaining('GRANT') })
      await database.query(`GRANT UPDATE, DELETE ON ${database.name}.* TO ${database.name}@'%'`)
      expect((await test()).warnings).toEqual([expect.stringContaining('CREATE, ALTER, DROP')])
      await harness!.connect()
      expect(await rejection(harness!.prepare(schemaOf('forbidden', {})))).toMatchObject({ code: 'authentication' })
    } finally {
      await database.query(`GRANT ALL ON ${database.name}.* TO ${database.name}@'%'`)
    }
  })

  function bound(open: Harness) {
    return { write: open.write.bind(open) }
  }
})
