import { checkKeys } from '@eds/sql'
import { describe, expect, it } from 'vitest'
import type { PostgresCatalogTable } from '../src/catalog.js'
import { PostgresDialect } from '../src/dialect.js'
import { planPostgresTable } from '../src/plan.js'
import { catalogColumn, catalogOf, schemaOf } from './fixtures.js'

let ids = 0
const dialect = new PostgresDialect('public')
const options = { schemaName: 'public', guard: false, nextId: () => ++ids }
const order = schemaOf('order', { total: 'number', note: 'string', lines: 'array!', meta: 'object', at: 'date-time' })

describe('plan', () => {
  it('has the keys first and the rest sorted, and casts what is staged as text', () => {
    const plan = planPostgresTable([order], catalogOf(order), options)
    expect(plan.target).toBe('"public"."order"')
    expect(plan.columns.map(({ name, cast }) => name + cast)).toEqual([
      'id',
      'at::timestamptz',
      'lines::jsonb',
      'meta::jsonb',
      'note',
      'total::float8',
    ])
    expect(plan.versions.get('v1')?.whole).toMatchObject({ columns: [0, 1, 2, 3, 4, 5], insertable: true })
  })

  it('adapts to the types that the table has', () => {
    const found = catalogOf(order, {
      total: { type: 'numeric', cast: 'numeric' },
      note: { type: 'varchar', cast: 'character varying', maxLength: 5 },
      meta: { type: 'text', cast: 'text' },
      at: { type: 'mood', category: 'E', cast: 'public.mood' },
    })
    const { columns } = planPostgresTable([order], found, options)
    expect(columns.map(({ name, cast }) => name + cast)).toEqual([
      'id',
      'at::public.mood',
      'lines::jsonb',
      'meta',
      'note',
      'total::numeric',
    ])
    const note = columns[4]!
    expect(() => note.toText('too long', note)).toThrow('longer than 5')
  })

  it('stores an empty list or object where the schema or the table forbids null', () => {
    const schema = schemaOf('t', { a: 'array!', b: 'array', c: 'object', d: 'object', e: 'string!', f: 'enum[]!' })
    const found = catalogOf(schema, { c: { notNull: true }, e: { notNull: true } })
    const columns = planPostgresTable([schema], found, options).columns
    expect(
      columns.map(({ name, nullText, refusesNull, fill, mandatory }) => [name, nullText, refusesNull, fill, mandatory]),
    ).toEqual([
      ['id', undefined, true, undefined, true],
      ['a', '[]', false, "'[]'::jsonb", false],
      ['b', undefined, false, undefined, false],
      ['c', '{}', false, "'{}'::jsonb", false],
      ['d', undefined, false, undefined, false],
      ['e', undefined, true, undefined, true],
      ['f', '[]', false, "'[]'", false],
    ])
  })

  it('knows which sets of columns can make a row', () => {
    const schema = schemaOf('t', { a: 'string', b: 'string' })
    const plan = planPostgresTable([schema], catalogOf(schema, { b: { notNull: true } }), options)
    expect(plan.sets.of([true, true, false]).insertable).toBe(false)
    expect(plan.sets.of([true, false, true]).insertable).toBe(true)
    const withDefault = planPostgresTable(
      [schema],
      catalogOf(schema, { b: { notNull: true, hasDefault: true } }),
      options,
    )
    expect(withDefault.sets.of([true, true, false]).insertable).toBe(true)
  })

  it('makes a set once, and forgets only those of partial images', () => {
    const schema = schemaOf(
      't',
      Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`c${index}`, 'string' as const])),
    )
    const plan = planPostgresTable([schema], catalogOf(schema), options)
    const maskOf = (bits: number) => [true, ...Array.from({ length: 12 }, (_, index) => ((bits >> index) & 1) === 1)]
    const partial = plan.sets.of(maskOf(5))
    expect(plan.sets.of(maskOf(5))).toBe(partial)
    for (let bits = 0; bits < 4095; bits++) plan.sets.of(maskOf(bits))
    expect(plan.sets.of(maskOf(5))).not.toBe(partial)
    expect(plan.sets.of(maskOf(4095))).toBe(plan.versions.get('v1')?.whole)
  })

  it('keeps versions apart that have different columns', () => {
    const older = schemaOf('t', { a: 'string' })
    const newer = schemaOf('t', { a: 'string', b: 'integer' }, { modelVersion: 'v2' })
    const plan = planPostgresTable([older, newer], catalogOf(newer), options)
    expect(plan.versions.get('v1')).toMatchObject({ includes: [true, true, false], whole: { columns: [0, 1] } })
    expect(plan.versions.get('v2')).toMatchObject({ includes: [true, true, true], whole: { columns: [0, 1, 2] } })
  })

  it('leaves generated columns to the database', () => {
    const found = catalogOf(order, {
      total: { generated: true, notNull: true },
      note: { identityAlways: true, hasDefault: true, notNull: true },
    })
    const plan = planPostgresTable([order], found, options)
    expect(plan.columns.map(({ name }) => name)).toEqual(['id', 'at', 'lines', 'meta'])
    expect(plan.overridesIdentity).toBe(false)
    const identity = catalogOf(order, { id: { type: 'int8', cast: 'bigint', identityAlways: true, hasDefault: true } })
    expect(planPostgresTable([order], identity, options).overridesIdentity).toBe(true)
  })

  it.each([
    ['bytea', 'type bytea'],
    ['_bytea', 'type _bytea'],
  ])('refuses a column of type %s with a way out', (type, reason) => {
    const found = catalogOf(order, { note: { ...catalogColumn('note', type) } })
    expect(() => planPostgresTable([order], found, options)).toThrow(
      expect.objectContaining({ code: 'unsupported', message: expect.stringContaining(reason) }),
    )
  })

  it('refuses a column that must not be null and that nothing fills', () => {
    const found = catalogOf(order)
    const columns = new Map([...found.columns, ['extra', { ...catalogColumn('extra', 'text'), notNull: true }]])
    expect(() => planPostgresTable([order], { ...found, columns }, options)).toThrow(
      expect.objectContaining({
        code: 'unsupported',
        fix: expect.stringContaining('ALTER COLUMN "extra" DROP NOT NULL'),
      }),
    )
  })
})

describe('keys', () => {
  const pair = schemaOf('pair', { a: 'string', b: 'integer' }, { primaryKeys: ['a', 'b'] })
  const withKeys = (...uniqueKeys: string[][]): PostgresCatalogTable => ({ ...catalogOf(pair), uniqueKeys })

  it('takes any unique index on exactly the key columns, in any order', () => {
    expect(() => checkKeys([pair], withKeys(['x'], ['b', 'a']), dialect)).not.toThrow()
  })

  it.each([[[]], [[['a']]], [[['a', 'b', 'c']]]])('refuses a table with the unique keys %j', (keys) => {
    expect(() => checkKeys([pair], withKeys(...keys), dialect)).toThrow(
      expect.objectContaining({ code: 'unsupported', fix: 'ALTER TABLE "pair" ADD PRIMARY KEY ("a", "b")' }),
    )
  })

  it('refuses views, tables without key, and a key that changes', () => {
    expect(() => checkKeys([pair], { ...catalogOf(pair), isTable: false }, dialect)).toThrow('view')
    expect(() => checkKeys([{ ...pair, primaryKeys: [] }], catalogOf(pair), dialect)).toThrow('no primary key')
    expect(() => checkKeys([{ ...pair, primaryKeys: ['a'] }, pair], catalogOf(pair), dialect)).toThrow(
      'from (a) to (a, b)',
    )
  })
})
