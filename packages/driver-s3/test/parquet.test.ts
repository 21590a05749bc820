import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance, type Json } from '@duckdb/node-api'
import { type ChangeEvent, ExactNumber, isEdsError, type TableSchema } from '@eds/core'
import * as library from 'hyparquet-writer'
import { describe, expect, it } from 'vitest'
import { parquetFile } from '../src/parquet-file.js'
import { parquetRow, rowFormat, unknownProperty } from '../src/parquet-row.js'
import { eventOf, insert, schemaOf, someTime } from './fixtures.js'

const schema = schemaOf({
  id: { type: 'string' },
  count: { type: 'integer', nullable: true },
  total: { type: 'number', nullable: true },
  paid: { type: 'boolean', nullable: true },
  at: { type: 'string', format: 'date-time', nullable: true },
  note: { type: 'string', nullable: true },
  meta: { type: 'object', nullable: true },
  tags: { type: 'array', nullable: true },
  _eds_id: { type: 'string', nullable: true },
})

function fileOf(schema: TableSchema, events: readonly ChangeEvent[]): Uint8Array {
  const format = rowFormat(schema)
  return parquetFile(
    library,
    format,
    events.map((event) => parquetRow(format, event)),
  )
}

/** What DuckDB answers; `?` in the query stands for the file. */
async function ask(file: Uint8Array, query: string): Promise<Record<string, Json>[]> {
  const folder = await mkdtemp(join(tmpdir(), 'eds-parquet-'))
  try {
    const path = join(folder, 'file.parquet')
    await writeFile(path, file)
    const connection = await (await DuckDBInstance.create()).connect()
    await connection.run("SET TimeZone = 'UTC'")
    const reader = await connection.runAndReadAll(query.replaceAll('?', `'${path}'`))
    connection.closeSync()
    return reader.getRowObjectsJson()
  } finally {
    await rm(folder, { recursive: true })
  }
}

const full = {
  id: 'ä/1',
  count: new ExactNumber('9007199254740993'),
  total: 1.5,
  paid: true,
  at: '2024-02-29T23:59:59.123456+01:00',
  note: 'two\nlines',
  meta: { big: new ExactNumber('12345678901234567890.5'), text: 'é' },
  tags: ['a', null],
  _eds_id: 'mine',
}

describe('read by DuckDB', () => {
  it('has the types of the schema', async () => {
    const columns = await ask(fileOf(schema, [insert(full)]), 'DESCRIBE SELECT * FROM ?')
    const types = Object.fromEntries(columns.map(({ column_name, column_type }) => [column_name, column_type]))
    expect(types).toEqual({
      _eds_operation: 'VARCHAR',
      _eds_id: 'VARCHAR',
      _eds_position: 'VARCHAR',
      _eds_timestamp: 'TIMESTAMP WITH TIME ZONE',
      _eds_mvcc_timestamp: 'VARCHAR',
      _eds_model_version: 'VARCHAR',
      _eds_company_id: 'VARCHAR',
      _eds_location_id: 'VARCHAR',
      _eds_user_id: 'VARCHAR',
      _eds_key: 'JSON',
      _eds_missing: 'JSON',
      id: 'VARCHAR',
      count: 'BIGINT',
      total: 'DOUBLE',
      paid: 'BOOLEAN',
      at: 'TIMESTAMP WITH TIME ZONE',
      note: 'VARCHAR',
      meta: 'JSON',
      tags: 'JSON',
      __eds_id: 'VARCHAR',
    })
  })

  it('has the values of an insert, exactly', async () => {
    const [row] = await ask(
      fileOf(schema, [insert(full)]),
      'SELECT *, epoch_us("at") AS micros, epoch_ms(_eds_timestamp) AS ms FROM ?',
    )
    expect(row).toMatchObject({
      _eds_operation: 'INSERT',
      _eds_key: '["region","ä/1"]',
      _eds_missing: null,
      ms: String(someTime),
      id: 'ä/1',
      count: '9007199254740993',
      total: 1.5,
      paid: true,
      micros: String(BigInt(Date.UTC(2024, 1, 29, 22, 59, 59)) * 1_000n + 123_456n),
      note: 'two\nlines',
      meta: '{"big":12345678901234567890.5,"text":"é"}',
      tags: '["a",null]',
      __eds_id: 'mine',
    })
  })

  it('tells a partial update from nulls, and keeps the image or the key of a delete', async () => {
    const events = [
      eventOf({ operation: 'UPDATE', key: ['region', 'a'], after: { note: null, total: 2 } }),
      eventOf({ operation: 'DELETE', key: ['region', 'b'], before: { id: 'b', note: 'gone' } }),
      eventOf({ operation: 'DELETE', key: ['region', 'c'] }),
    ]
    const rows = await ask(fileOf(schema, events), 'SELECT * FROM ? ORDER BY id')
    expect(rows.map(({ id, note, total, _eds_operation }) => [id, note, total, _eds_operation])).toEqual([
      ['a', null, 2, 'UPDATE'],
      ['b', 'gone', null, 'DELETE'],
      ['c', null, null, 'DELETE'],
    ])
    expect(JSON.parse(String(rows[0]?._eds_missing))).toEqual(['_eds_id', 'at', 'count', 'meta', 'paid', 'tags'])
  })

  it('has all rows of a large file', async () => {
    const events = Array.from({ length: 60_000 }, (_, index) =>
      insert({ id: `row-${index}`, count: index, note: index % 3 === 0 ? null : `note ${index % 7}` }),
    )
    const [row] = await ask(
      fileOf(schema, events),
      'SELECT count(*) AS n, count(DISTINCT id) AS ids, sum(count)::BIGINT AS sum, count(note) AS notes FROM ?',
    )
    expect(row).toEqual({ n: '60000', ids: '60000', sum: String((60_000 * 59_999) / 2), notes: '40000' })
  })
})

it('the same events give the same bytes', () => {
  const events = [insert(full), insert({ id: 'b' })]
  expect(Buffer.from(fileOf(schema, events))).toEqual(Buffer.from(fileOf(schema, events)))
})

it('takes the columns of a composite key from the event where the image lacks them', () => {
  const composite = schemaOf({ a: { type: 'integer' }, b: { type: 'boolean' } }, { primaryKeys: ['a', 'b'] })
  const event = eventOf({ operation: 'DELETE', key: ['region', '-7', 'true'] })
  expect(parquetRow(rowFormat(composite), event).slice(-2)).toEqual([-7n, true])
})

it.each([
  ['beyond what a double counts', 2 ** 53, 9_007_199_254_740_992n],
  ['as an exponent', 1e18, 1_000_000_000_000_000_000n],
  ['the least', -(2 ** 63), -9_223_372_036_854_775_808n],
  ['the greatest', new ExactNumber('9223372036854775807'), 9_223_372_036_854_775_807n],
])('an integer %s is kept', (_, count, kept) => {
  expect(parquetRow(rowFormat(schema), insert({ id: 'a', count }))).toContain(kept)
})

it.each([
  ['count', 1.5],
  ['count', 2 ** 63],
  ['count', new ExactNumber('9223372036854775808')],
  ['count', '1'],
  ['total', '1'],
  ['total', new ExactNumber('0.12345678901234567890123')],
  ['paid', 0],
  ['at', 'yesterday'],
  ['at', '2023-02-29T00:00:00Z'],
  ['at', '2023-02-28T24:00:00Z'],
  ['at', '2023-02-28T00:00:00.1234567Z'],
  ['note', 7],
  ['note', 'half \ud800'],
])('%s = %s is refused', (name, value) => {
  let error: unknown
  try {
    parquetRow(rowFormat(schema), insert({ id: 'a', [name]: value }))
  } catch (thrown) {
    error = thrown
  }
  expect(isEdsError(error) && error.code).toBe('record')
  expect(String(error)).toContain(`"order"."${name}"`)
})

it('an open schema asks for what it does not name', () => {
  const open = rowFormat(schemaOf({ id: { type: 'string' } }, { open: true }))
  expect(unknownProperty(open, insert({ id: 'a', note: 'x' }))).toBe('note')
  expect(unknownProperty(open, insert({ id: 'a', note: null }))).toBeUndefined()
  expect(unknownProperty(rowFormat(schema), insert({ id: 'a', ghost: 'x' }))).toBeUndefined()
})
