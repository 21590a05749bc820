import { ExactNumber, type Row } from '@eds/core'
import { requireService } from '@eds/tool-services/vitest'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { eventOf, schemaOf } from './fixtures.js'
import { Harness, rejection } from './harness.js'
import { createTestDatabase, type TestDatabase } from './test-database.js'

const server = await requireService('postgres')

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

  /** More rows than COPY is chosen for, of the same table. */
  const many = (table: string, row: Row = {}, count = 100) =>
    Array.from({ length: count }, (_, index) => eventOf('INSERT', table, { id: `many ${index}`, ...row }))

  const oneById = async (table: string, id: string) => {
    const rows = await database.readTable(table)
    return rows.find((row) => row.id === id)
  }

  const roleName = `eds_role_${process.pid}`

  it('writes to columns of the types that a table has', async () => {
    await database.query(
      `CREATE TYPE mood AS ENUM ('happy', 'sad'); CREATE DOMAIN short AS varchar(5) CHECK (value <> 'never')`,
    )
    await database.query(`CREATE TABLE adapted (
      id bigint GENERATED ALWAYS AS IDENTITY, code varchar(5), fixed char(4), small smallint, normal integer, exact numeric(10, 2), real real,
      flag boolean, doc json, day date, local timestamp, uid uuid, texts text[], numbers integer[], mood mood, domain short,
      address inet, note text, shout text GENERATED ALWAYS AS (upper(note)) STORED, UNIQUE (id))`)
    const schema = schemaOf('adapted', {
      id: 'string!',
      code: 'string',
      fixed: 'string',
      small: 'integer',
      normal: 'integer',
      exact: 'number',
      real: 'number',
      flag: 'boolean',
      doc: 'object',
      day: 'date-time',
      local: 'date-time',
      uid: 'string',
      texts: 'array',
      numbers: 'array',
      mood: 'string',
      domain: 'string',
      address: 'string',
      note: 'string',
      shout: 'string',
    })
    const { write } = bound(await open(schema))
    const row = {
      id: '42',
      code: 'abcde',
      fixed: 'ab',
      small: -5,
      normal: 70_000,
      exact: new ExactNumber('12345678.10'),
      real: 0.5,
      flag: true,
      doc: { b: 1, a: '\u0000' },
      day: '2024-07-11',
      local: '2024-07-11T23:30:00.5-07:00',
      uid: '9f9073e8-1531-474d-aed1-000000000001',
      texts: ['a "quoted" \\ text', null, '{}'],
      numbers: [1, 2],
      mood: 'sad',
      domain: 'fine',
      address: '10.0.0.1',
      note: 'loud',
      shout: 'is computed by the database',
    }
    const copies = Array.from({ length: 80 }, (_, index) =>
      eventOf('INSERT', 'adapted', { ...row, id: String(1000 + index) }),
    )
    for (const events of [[eventOf('INSERT', 'adapted', row)], copies]) expect(await write(events)).toEqual({})
    const expected = {
      code: 'abcde',
      fixed: 'ab  ',
      small: '-5',
      normal: '70000',
      exact: '12345678.10',
      real: '0.5',
      flag: 't',
      doc: '{"b":1,"a":"\\u0000"}',
      day: '2024-07-11',
      local: '2024-07-12 06:30:00.5',
      uid: row.uid,
      texts: '{"a \\"quoted\\" \\\\ text",NULL,"{}"}',
      numbers: '{1,2}',
      mood: 'sad',
      domain: 'fine',
      address: '10.0.0.1',
      note: 'loud',
      shout: 'LOUD',
    }
    expect(await oneById('adapted', '42')).toEqual({ id: '42', ...expected })
    expect(await oneById('adapted', '1079')).toEqual({ id: '1079', ...expected })
    const bad = [
      ['code', 'abcdef'],
      ['small', 40_000],
      ['day', '2024-07-11T10:00:00Z'],
      ['uid', 'none'],
      ['flag', 'maybe'],
      ['domain', 'longer'],
    ] as const
    const { failures = [] } = await write(
      bad.map(([name, value], index) =>
        eventOf('INSERT', 'adapted', { ...row, id: String(2000 + index), [name]: value }),
      ),
    )
    expect(failures.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5])
    for (const [name, value] of [
      ['mood', 'angry'],
      ['domain', 'never'],
      ['exact', 1e12],
      ['address', 'nowhere'],
    ] as const) {
      const error = await rejection(write([eventOf('INSERT', 'adapted', { ...row, id: '3000', [name]: value })]))
      expect(error, name).toMatchObject({ code: 'record', table: 'adapted' })
    }
  })

  it('refuses tables that it cannot write to, and leaves them as they are', async () => {
    await database.query('CREATE TABLE keyless (id text, a text); CREATE VIEW looked_at AS SELECT 1 AS id')
    await database.query('CREATE TABLE partly (id text, a text); CREATE UNIQUE INDEX ON partly (id) WHERE a IS NULL')
    harness = await Harness.open(database.url)
    for (const table of ['keyless', 'looked_at', 'partly']) {
      const error = await rejection(harness.prepare(schemaOf(table, { a: 'string', added: 'string' })))
      expect(error, table).toMatchObject({ code: 'unsupported', table })
    }
    expect(await database.query(`SELECT 1 FROM information_schema.columns WHERE column_name = 'added'`)).toEqual([])
  })

  it('takes a unique index for the key, and adds columns to a table that has rows', async () => {
    await database.query(
      `CREATE TABLE indexed (id text, a text); CREATE UNIQUE INDEX ON indexed (id); INSERT INTO indexed VALUES ('old', 'kept')`,
    )
    harness = await Harness.open(database.url)
    const changes = await harness.prepare(schemaOf('indexed', { a: 'string', b: 'object' }))
    expect(changes).toEqual([{ table: 'indexed', change: 'columns added', columns: ['b'] }])
    await harness.write([eventOf('UPDATE', 'indexed', { id: 'old', b: {} })])
    expect(await database.readTable('indexed')).toEqual([{ id: 'old', a: 'kept', b: '{}' }])
  })

  it('says when a table has changed under it, and goes on once that was looked at', async () => {
    const schema = schemaOf('moving', { a: 'string' })
    const { write } = bound(await open(schema))
    const event = eventOf('INSERT', 'moving', { id: 'x', a: 'y' })
    await write([event])
    for (const statement of ['ALTER TABLE moving DROP COLUMN a', 'DROP TABLE moving']) {
      await database.query(statement)
      expect(await rejection(write([event]))).toMatchObject({ code: 'schema', table: 'moving' })
      expect(await rejection(write([...many('moving'), event]))).toMatchObject({ code: 'schema', table: 'moving' })
      await harness!.prepare(schema)
      expect(await write([event])).toEqual({})
      expect(await database.readTable('moving')).toEqual([{ id: 'x', a: 'y' }])
    }
  })

  it('writes to the schema that the URL names', async () => {
    await database.query('CREATE SCHEMA "my schema"')
    harness = await Harness.open(`${database.url}?schema=my%20schema`, [schemaOf('placed', {})])
    await harness.write([eventOf('INSERT', 'placed', { id: 'x' })])
    expect(await database.query('SELECT id FROM "my schema".placed')).toEqual([{ id: 'x' }])
    const error = await rejection(Harness.open(`${database.url}?schema=missing`))
    expect(error).toMatchObject({ code: 'configuration', message: expect.stringContaining('no schema "missing"') })
  })

  it('writes without the right to make temporary tables', async () => {
    await database.query(
      `CREATE ROLE "${roleName}" LOGIN PASSWORD 'eds-test'; CREATE SCHEMA own AUTHORIZATION "${roleName}"`,
    )
    const name = new URL(database.url).pathname.slice(1)
    await database.query(`REVOKE TEMPORARY ON DATABASE "${name}" FROM PUBLIC`)
    try {
      const url = new URL(database.url)
      url.username = roleName
      harness = await Harness.open(`${url}?schema=own`, [schemaOf('plain', { a: 'string' })])
      expect(await harness.write(many('plain', { a: 'x' }, 2_500))).toEqual({})
      expect(await database.query('SELECT count(*)::int AS count FROM own.plain')).toEqual([{ count: 2_500 }])
      expect((await harness.driver.probe!.test(new AbortController().signal)).warnings).toEqual([
        expect.stringContaining('TEMPORARY'),
      ])
      await database.query(`REVOKE CREATE ON SCHEMA own FROM "${roleName}"; ALTER SCHEMA own OWNER TO CURRENT_USER`)
      await database.query(`GRANT USAGE ON SCHEMA own TO "${roleName}"`)
      expect(await rejection(harness.prepare(schemaOf('forbidden', {})))).toMatchObject({ code: 'authentication' })
      expect((await harness.driver.probe!.test(new AbortController().signal)).warnings.length).toBe(2)
      await database.query('DROP TABLE own.plain')
      expect(await rejection(harness.driver.probe!.test(new AbortController().signal))).toMatchObject({
        code: 'authentication',
        fix: expect.stringContaining('GRANT'),
      })
    } finally {
      await harness?.close()
      await database.query(`DROP OWNED BY "${roleName}" CASCADE; DROP ROLE "${roleName}"`)
      await database.query(`GRANT TEMPORARY ON DATABASE "${name}" TO PUBLIC`)
    }
  })

  function bound(open: Harness) {
    return { driver: open.driver, write: open.write.bind(open) }
  }
})
