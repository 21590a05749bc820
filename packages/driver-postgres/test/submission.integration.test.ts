import { requireService } from '@eds/tool-services/vitest'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { configSchema, parseConfigUrl } from '../src/config.js'
import { CopyBuffer } from '../src/copy-buffer.js'
import { Session } from '../src/session.js'
import { StatementError } from '../src/submission.js'
import type { CopyWork, ParameterWork, Statement } from '../src/work.js'
import { rejection } from './harness.js'
import { createTestDatabase, type TestDatabase } from './test-database.js'

const server = await requireService('postgres')
const never = new AbortController().signal

/** Data that is sent before the server asks for it, and what becomes of it when something fails. */
server.describe('COPY without waiting', () => {
  let database: TestDatabase
  let session: Session

  beforeAll(async () => {
    database = await createTestDatabase(server.url)
    await database.query(
      'CREATE TABLE one (id text PRIMARY KEY, a integer); CREATE TABLE two (id text PRIMARY KEY, a integer CHECK (a > 0))',
    )
    session = await Session.open(configSchema.parse(parseConfigUrl(database.url)), never)
  })
  beforeEach(() => database.query('TRUNCATE one, two'))
  afterAll(async () => {
    await session.close()
    await database.remove()
  })

  const copy = (table: string): Statement => ({ table, text: 'COPY pg_temp.eds_stage (k, n, c0, c1) FROM STDIN' })
  const insert = (table: string, mark: number): Statement => ({
    table,
    text: `INSERT INTO ${table} SELECT s.c0, s.c1::int FROM pg_temp.eds_stage s WHERE s.k = ${mark}`,
  })

  /** `lines`: per COPY command; about 1.5 MB are put behind each, so that data is still on its way when an error is met. */
  function work(statements: Statement[], ...lines: string[][]): CopyWork {
    const buffer = new CopyBuffer(Buffer.alloc(0))
    for (const group of lines) {
      for (const line of group) buffer.append(`${line}\n`)
      for (let index = 0; index < 20_000; index++) buffer.append(`0\t0\t${'x'.repeat(60)}\t\\N\n`)
      buffer.endCopy()
    }
    return { kind: 'copy', statements, messages: buffer.messages(), columns: 2 }
  }

  const good = () =>
    work([copy('one'), copy('two'), insert('one', 1), insert('two', 2)], ['1\t0\ta\t1', '1\t1\tb\t2'], ['2\t2\ta\t3'])

  async function stored() {
    return { one: await database.readTable('one'), two: await database.readTable('two') }
  }

  it('feeds several COPY commands of one query in turn', async () => {
    expect(await session.send(good(), never)).toEqual({ missing: [] })
    expect(await stored()).toEqual({
      one: [
        { id: 'a', a: '1' },
        { id: 'b', a: '2' },
      ],
      two: [{ id: 'a', a: '3' }],
    })
  })

  const failing: readonly (readonly [what: string, work: () => CopyWork, statement: number, code: string])[] = [
    [
      'in front of the data',
      () => work([{ table: 'one', text: 'SELECT 1 / 0' }, copy('one'), insert('one', 1)], ['1\t0\ta\t1']),
      0,
      '22012',
    ],
    [
      'in the syntax, so that nothing is run',
      () => work([copy('one'), insert('one', 1), { table: 'one', text: 'NONSENSE' }], ['1\t0\ta\t1']),
      0,
      '42601',
    ],
    [
      'in the data: a column too many',
      () => work([copy('one'), insert('one', 1)], ['1\t0\ta\t1', '1\t1\tb\t2\ttoo\tmany']),
      0,
      '22P04',
    ],
    ['in the data: not UTF-8', () => badEncoding(), 0, '22021'],
    [
      'in the data of the second command',
      () => work([copy('one'), copy('two'), insert('one', 1)], ['1\t0\ta\t1'], ['2']),
      1,
      '22P04',
    ],
    [
      'behind the data: a value that does not fit',
      () => work([copy('one'), insert('one', 1)], ['1\t0\ta\tmany']),
      1,
      '22P02',
    ],
    [
      'behind the data: a constraint of the second table',
      () => work([copy('one'), copy('two'), insert('one', 1), insert('two', 2)], ['1\t0\ta\t1'], ['2\t1\ta\t-1']),
      3,
      '23514',
    ],
    [
      'behind the data: the same key twice',
      () => work([copy('one'), insert('one', 1)], ['1\t0\ta\t1', '1\t1\ta\t2']),
      1,
      '23505',
    ],
  ]

  function badEncoding(): CopyWork {
    const made = work([copy('one'), insert('one', 1)], ['1\t0\tX\t1'])
    const messages = Buffer.from(made.messages)
    messages[messages.indexOf('X')] = 0xff
    return { ...made, messages }
  }

  it.each(failing)(
    'an error %s leaves nothing, names the statement, and the connection goes on',
    async (_, make, statement, code) => {
      for (let round = 0; round < 3; round++) {
        const error = await rejection(session.send(make(), never))
        expect(error).toBeInstanceOf(StatementError)
        expect(error).toMatchObject({ statement, cause: { code } })
        expect(await stored()).toEqual({ one: [], two: [] })
      }
      expect(await session.send(good(), never)).toEqual({ missing: [] })
      expect((await stored()).one.length).toBe(2)
    },
  )

  it('answers with the rows that a statement returns', async () => {
    const select = { table: 'one', text: 'SELECT s.n FROM pg_temp.eds_stage s WHERE s.k = 1' }
    expect(await session.send(work([copy('one'), select], ['1\t7\ta\t1', '1\t9\tb\t2']), never)).toEqual({
      missing: [7, 9],
    })
  })

  const parameters = (...values: (string | null)[]): ParameterWork => ({
    kind: 'parameters',
    statements: values.map((value, index) => ({
      table: 'one',
      name: 'insert_one',
      text: 'INSERT INTO one VALUES ($1, $2::text::int)',
      values: [`row ${index}`, value],
    })),
  })

  it('statements with parameters are all or nothing too, and stay prepared', async () => {
    expect(await rejection(session.send(parameters('1', 'many', '3'), never))).toMatchObject({
      statement: 1,
      cause: { code: '22P02' },
    })
    expect(await stored()).toMatchObject({ one: [] })
    expect(await session.send(parameters('1', '2', null), never)).toEqual({ missing: [] })
    expect((await stored()).one).toContainEqual({ id: 'row 2', a: null })
    const broken: ParameterWork = {
      kind: 'parameters',
      statements: [{ table: 'one', name: 'broken', text: 'NONSENSE', values: [] }],
    }
    expect(await rejection(session.send(broken, never))).toMatchObject({ statement: 0, cause: { code: '42601' } })
    const prepared = await session.query('SELECT name FROM pg_prepared_statements', undefined, never)
    expect(prepared).toEqual([{ name: 'insert_one' }])
  })
})
