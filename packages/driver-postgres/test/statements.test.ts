import { describe, expect, it } from 'vitest'
import { encodeBatch } from '../src/encode.js'
import { planPostgresTable } from '../src/plan.js'
import { buryStatement, deleteStatement, updateStatement, upsertStatement } from '../src/statements.js'
import { catalogOf, eventOf, schemaOf } from './fixtures.js'

const rows = { relation: 'sent AS s', where: 's.k = 7' }
const order = schemaOf('order', { total: 'number', 'odd "name"': 'string', lines: 'array!' })
const pair = schemaOf('pair', { a: 'string', b: 'integer' }, { primaryKeys: ['a', 'b'] })
let ids = 0

function planOf(
  schema = order,
  { guard = false, changes = {} }: { guard?: boolean; changes?: Parameters<typeof catalogOf>[1] } = {},
) {
  return planPostgresTable([schema], catalogOf(schema, changes), { schemaName: 'public', guard, nextId: () => ++ids })
}

describe('statements', () => {
  it('upsert sets the columns that the rows carry, and fills what a new row cannot do without', () => {
    const plan = planOf()
    expect(upsertStatement(plan, plan.sets.of([true, true, true, true]), rows)).toBe(
      'INSERT INTO "public"."order" AS t ("id", "lines", "odd ""name""", "total") ' +
        'SELECT s.c0, s.c1::jsonb, s.c2, s.c3::float8 FROM sent AS s WHERE s.k = 7 ' +
        'ON CONFLICT ("id") DO UPDATE SET "lines" = excluded."lines", "odd ""name""" = excluded."odd ""name""", "total" = excluded."total"',
    )
    expect(upsertStatement(plan, plan.sets.of([true, false, false, true]), rows)).toBe(
      'INSERT INTO "public"."order" AS t ("id", "total", "lines") ' +
        `SELECT s.c0, s.c3::float8, '[]'::jsonb FROM sent AS s WHERE s.k = 7 ` +
        'ON CONFLICT ("id") DO UPDATE SET "total" = excluded."total"',
    )
  })

  it('rows of nothing but the key change nothing that is there', () => {
    const plan = planOf(pair)
    const keys = plan.sets.of([true, true])
    expect(upsertStatement(plan, keys, rows)).toContain('ON CONFLICT ("a", "b") DO NOTHING')
    expect(updateStatement(plan, keys, rows)).toBe(
      'SELECT s.n FROM sent AS s WHERE s.k = 7 AND NOT EXISTS ' +
        '(SELECT 1 FROM "public"."pair" AS t WHERE t."a" = s.c0 AND t."b" = s.c1::int8)',
    )
  })

  it('update answers with the rows that are not there', () => {
    const plan = planOf(order, { changes: { total: { notNull: true } } })
    expect(updateStatement(plan, plan.sets.of([true, false, true, false]), rows)).toBe(
      'WITH updated AS (UPDATE "public"."order" AS t SET "odd ""name""" = s.c2 FROM sent AS s WHERE s.k = 7 AND t."id" = s.c0) ' +
        'SELECT s.n FROM sent AS s WHERE s.k = 7 AND NOT EXISTS (SELECT 1 FROM "public"."order" AS t WHERE t."id" = s.c0)',
    )
  })

  it('delete goes by the whole key', () => {
    expect(deleteStatement(planOf(pair), rows)).toBe(
      'DELETE FROM "public"."pair" AS t USING sent AS s WHERE s.k = 7 AND t."a" = s.c0 AND t."b" = s.c1::int8',
    )
  })

  it('identity keys are set as they come', () => {
    const plan = planOf(order, {
      changes: { id: { type: 'int8', cast: 'bigint', identityAlways: true, hasDefault: true } },
    })
    expect(upsertStatement(plan, plan.sets.of([true, true, true, true]), rows)).toContain(
      ') OVERRIDING SYSTEM VALUE SELECT s.c0::bigint',
    )
  })

  it('a guard keeps older changes out', () => {
    const plan = planOf(pair, { guard: true })
    const keys = plan.sets.of([true, true])
    const buried =
      `NOT EXISTS (SELECT 1 FROM "public"."_eds_tombstone" AS x WHERE x.table_name = 'pair' ` +
      'AND x.key = jsonb_build_array(s.c0, s.c1::int8)::text AND x.mvcc > s.m)'
    expect(upsertStatement(plan, keys, rows)).toBe(
      'INSERT INTO "public"."pair" AS t ("a", "b", "_eds_mvcc") SELECT s.c0, s.c1::int8, s.m FROM sent AS s ' +
        `WHERE s.k = 7 AND ${buried} ON CONFLICT ("a", "b") DO UPDATE SET "_eds_mvcc" = excluded."_eds_mvcc" ` +
        'WHERE (t._eds_mvcc IS NULL OR t._eds_mvcc <= excluded._eds_mvcc)',
    )
    expect(deleteStatement(plan, rows)).toContain('AND (t._eds_mvcc IS NULL OR t._eds_mvcc <= s.m)')
    expect(updateStatement(plan, keys, rows)).toContain(`AND ${buried}`)
    expect(buryStatement(plan, rows)).toContain(
      `SELECT 'pair', jsonb_build_array(s.c0, s.c1::int8)::text, s.m, now() FROM sent AS s`,
    )
  })
})

/** CockroachDB: no stage, no json_to_recordset, and a transaction of its own around the statements. */
describe('statements for CockroachDB', () => {
  const plans = new Map([
    ['pair', planOf(pair)],
    ['order', planOf()],
  ])
  const encode = (events: Parameters<typeof encodeBatch>[0]) =>
    encodeBatch(events, plans, { copy: undefined, parameterStyle: 'values', begin: true }).work?.statements

  it('pass every value as a parameter', () => {
    expect(
      encode([
        eventOf('DELETE', 'pair', { a: 'x', b: 1 }, { key: ['x', '1'] }),
        eventOf('UPDATE', 'order', { id: 'o1', total: 1.5 }),
        eventOf('UPDATE', 'order', { id: 'o2', total: null }),
      ]),
    ).toEqual([
      { table: '', text: 'BEGIN', values: [] },
      {
        table: 'pair',
        text:
          'DELETE FROM "public"."pair" AS t USING (VALUES ($1::int8, $2::text, $3::text)) AS s (n, c0, c1) ' +
          'WHERE true AND t."a" = s.c0 AND t."b" = s.c1::int8',
        values: ['0', 'x', '1'],
      },
      {
        table: 'order',
        text:
          'INSERT INTO "public"."order" AS t ("id", "total", "lines") ' +
          `SELECT s.c0, s.c3::float8, '[]'::jsonb FROM (VALUES ($1::int8, $2::text, $3::text), ($4::int8, $5::text, $6::text)) ` +
          'AS s (n, c0, c3) WHERE true ON CONFLICT ("id") DO UPDATE SET "total" = excluded."total"',
        values: ['1', 'o1', '1.5', '2', 'o2', null],
      },
      { table: '', text: 'COMMIT', values: [] },
    ])
  })

  it('stay below the number of parameters that the protocol allows', () => {
    const wide = schemaOf(
      'wide',
      Object.fromEntries(Array.from({ length: 600 }, (_, index) => [`c${index}`, 'string' as const])),
    )
    const row = Object.fromEntries(Array.from({ length: 600 }, (_, index) => [`c${index}`, 'x']))
    const events = Array.from({ length: 250 }, (_, index) => eventOf('INSERT', 'wide', { id: String(index), ...row }))
    const { work } = encodeBatch(events, new Map([['wide', planOf(wide)]]), {
      copy: undefined,
      parameterStyle: 'values',
      begin: true,
    })
    const counts = work?.kind === 'parameters' ? work.statements.map(({ values }) => values.length) : []
    expect(counts).toEqual([0, 108 * 602, 108 * 602, 34 * 602, 0])
  })
})
