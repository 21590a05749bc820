import { planMigration } from '@eds/sql'
import { describe, expect, it } from 'vitest'
import { PostgresDialect } from '../src/dialect.js'
import { catalogColumn, catalogOf, schemaOf } from './fixtures.js'

const dialect = new PostgresDialect('my "schema"')
const plain = { guard: false }
const order = schemaOf('order', {
  'Mixed "Name"': 'string',
  at: 'date-time',
  count: 'integer',
  total: 'number',
  open: 'boolean!',
  meta: 'object',
  lines: 'array',
  tags: 'enum[]',
})

describe('migration', () => {
  it('makes a missing table with the types of the protocol', () => {
    const { statements, changes } = planMigration([order], new Map(), dialect, plain)
    expect(statements).toEqual([
      'CREATE TABLE "my ""schema"""."order" ("id" TEXT, "Mixed ""Name""" TEXT, "at" TIMESTAMPTZ, "count" BIGINT, ' +
        '"lines" JSONB, "meta" JSONB, "open" BOOLEAN, "tags" VARCHAR(64), "total" DOUBLE PRECISION, PRIMARY KEY ("id"))',
    ])
    expect(changes).toEqual([
      {
        table: 'order',
        change: 'table created',
        columns: ['id', 'Mixed "Name"', 'at', 'count', 'lines', 'meta', 'open', 'tags', 'total'],
      },
    ])
  })

  it('takes the columns of all versions, and keys of several columns', () => {
    const one = schemaOf('pair', { a: 'string', b: 'integer', old: 'string' }, { primaryKeys: ['b', 'a'] })
    const two = schemaOf(
      'pair',
      { a: 'string', b: 'integer', new: 'string' },
      { primaryKeys: ['b', 'a'], modelVersion: 'v2' },
    )
    expect(planMigration([one, two], new Map(), new PostgresDialect('s'), plain).statements).toEqual([
      'CREATE TABLE "s"."pair" ("b" BIGINT, "a" TEXT, "new" TEXT, "old" TEXT, PRIMARY KEY ("b", "a"))',
    ])
  })

  it('adds missing columns only, and nothing to a table that fits', () => {
    const found = catalogOf(schemaOf('order', { at: 'date-time', count: 'integer', total: 'string' }))
    const { statements, changes } = planMigration([order], new Map([['order', found]]), new PostgresDialect('s'), plain)
    expect(statements).toEqual([
      'ALTER TABLE "s"."order" ADD COLUMN IF NOT EXISTS "Mixed ""Name""" TEXT, ADD COLUMN IF NOT EXISTS "lines" JSONB, ' +
        'ADD COLUMN IF NOT EXISTS "meta" JSONB, ADD COLUMN IF NOT EXISTS "open" BOOLEAN, ADD COLUMN IF NOT EXISTS "tags" VARCHAR(64)',
    ])
    expect(changes).toMatchObject([
      { change: 'columns added', columns: ['Mixed "Name"', 'lines', 'meta', 'open', 'tags'] },
    ])
    expect(planMigration([order], new Map([['order', catalogOf(order)]]), dialect, plain)).toEqual({
      statements: [],
      changes: [],
    })
  })

  it('changes nothing of a table that cannot take the rows', () => {
    const found = { ...catalogOf(schemaOf('order', {})), uniqueKeys: [] }
    expect(() => planMigration([order], new Map([['order', found]]), dialect, plain)).toThrow('no unique index')
  })

  it.each([
    ['x'.repeat(64), {}],
    ['nul\u0000', {}],
    ['t', { [`c${'x'.repeat(63)}`]: 'string' as const }],
  ])('refuses names that PostgreSQL would change: %j %j', (table, notes) => {
    expect(() => planMigration([schemaOf(table, notes)], new Map(), dialect, plain)).toThrow(
      expect.objectContaining({ code: 'unsupported' }),
    )
  })

  it('keeps positions and tombstones with a guard', () => {
    const guarded = [new PostgresDialect('s'), { guard: true }] as const
    const small = schemaOf('t', {})
    const { statements, changes } = planMigration([small], new Map(), ...guarded)
    expect(statements[0]).toBe('CREATE TABLE "s"."t" ("id" TEXT, "_eds_mvcc" NUMERIC, PRIMARY KEY ("id"))')
    expect(statements[1]).toContain('CREATE TABLE "s"."_eds_tombstone"')
    expect(changes).toEqual([{ table: 't', change: 'table created', columns: ['id'] }])
    const tombstones = { table: '_eds_tombstone', isTable: true, columns: new Map(), uniqueKeys: [] }
    const existing = new Map([
      ['t', catalogOf(small)],
      ['_eds_tombstone', tombstones],
    ])
    expect(planMigration([small], existing, ...guarded).statements).toEqual([
      'ALTER TABLE "s"."t" ADD COLUMN IF NOT EXISTS "_eds_mvcc" NUMERIC',
    ])
    const columns = new Map([...catalogOf(small).columns, ['_eds_mvcc', catalogColumn('_eds_mvcc', 'numeric')]])
    existing.set('t', { ...catalogOf(small), columns })
    expect(planMigration([small], existing, ...guarded)).toEqual({ statements: [], changes: [] })
    expect(() => planMigration([schemaOf('t', { _eds_mvcc: 'string' })], new Map(), ...guarded)).toThrow('of its own')
  })
})
