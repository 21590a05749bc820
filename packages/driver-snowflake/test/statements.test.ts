import { describe, expect, it } from 'vitest'
import { encodeBatch } from '../src/encode.js'
import { planSnowflakeTable, type SnowflakeTable } from '../src/plan.js'
import { applyStatements, createStageStatement, insertStageStatement, missingStatement } from '../src/statements.js'
import { catalogColumn, catalogOf, eventOf, schemaOf } from './fixtures.js'

const schema = schemaOf('or"der', { total: 'integer', tags: 'array' })

function planOf({ guard = false, totalRefusesNull = false } = {}): SnowflakeTable {
  const found = catalogOf(schema, totalRefusesNull ? { id: { notNull: true }, tags: { notNull: true } } : {})
  const columns = new Map([...found.columns, ['own', catalogColumn('own', 'TEXT')] as const])
  let ids = 0
  const place = { database: 'D', schemaName: 'S' }
  return planSnowflakeTable([schema], { ...found, columns }, { place, guard, nextId: () => ++ids })
}

const stage = '"D"."S"."stage"'
const target = '"D"."S"."or""der"'

function worked(plan: SnowflakeTable, events: Parameters<typeof encodeBatch>[0]) {
  const { tables } = encodeBatch(events, new Map([['or"der', plan]]))
  return tables[0]!
}

const insert = (id: string) => eventOf('INSERT', 'or"der', { id, total: 1, tags: ['a'] })
const remove = (id: string) => eventOf('DELETE', 'or"der', { id })
const patch = (id: string) => eventOf('UPDATE', 'or"der', { id, total: 2 })

describe('statements', () => {
  it('make and fill a stage', () => {
    expect(createStageStatement(planOf(), stage)).toBe(
      `CREATE OR REPLACE TEMPORARY TABLE ${stage} ("b" INTEGER, "k" INTEGER, "n" INTEGER, "c0" STRING, "c1" STRING, "c2" STRING)`,
    )
    expect(insertStageStatement(planOf({ guard: true }), stage)).toBe(
      `INSERT INTO ${stage} ("b", "k", "n", "m", "x", "c0", "c1", "c2") VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    )
  })

  it('apply deletes, whole images and partial ones by one MERGE', () => {
    const plan = planOf()
    const work = worked(plan, [insert('a'), remove('b'), patch('c')])
    const [whole, partial] = work.sets.map(({ mark }) => mark)
    expect(work.rows).toEqual([
      [whole, 0, 'a', '["a"]', '1'],
      [plan.deleteId, 1, 'b', null, null],
      [partial, 2, 'c', null, '2'],
    ])
    expect(applyStatements(work, stage, 7, '')).toEqual([
      {
        table: 'or"der',
        binds: [7],
        text:
          `MERGE INTO ${target} AS t USING (SELECT r."k", r."c0" AS "c0", PARSE_JSON(r."c1") AS "c1", ` +
          `r."c2"::NUMBER(38,0) AS "c2" FROM ${stage} AS r WHERE r."b" = ? AND r."k" IN (${plan.deleteId}, ${whole}, ${partial})) AS s ` +
          `ON t."id" = s."c0" WHEN MATCHED AND s."k" = ${plan.deleteId} THEN DELETE ` +
          `WHEN MATCHED AND s."k" = ${whole} THEN UPDATE SET t."tags" = s."c1", t."total" = s."c2" ` +
          `WHEN MATCHED AND s."k" = ${partial} THEN UPDATE SET t."total" = s."c2" ` +
          `WHEN NOT MATCHED AND s."k" = ${whole} THEN INSERT ("id", "tags", "total") VALUES (s."c0", s."c1", s."c2") ` +
          `WHEN NOT MATCHED AND s."k" = ${partial} THEN INSERT ("id", "total") VALUES (s."c0", s."c2")`,
      },
    ])
    expect(missingStatement(work, stage, 7)).toBeUndefined()
  })

  it('leave nothing of a row that was deleted and made again', () => {
    const plan = planOf()
    const work = worked(plan, [remove('a'), patch('a')])
    const [mark] = work.sets.map((staged) => staged.mark)
    expect(work).toMatchObject({ deletes: false, rows: [[mark, 1, 'a', null, '2']], sets: [{ renewal: true }] })
    expect(applyStatements(work, stage, 1, '')[0]?.text).toContain(
      `WHEN MATCHED AND s."k" = ${mark} THEN UPDATE SET t."tags" = NULL, t."total" = s."c2", t."own" = NULL ` +
        `WHEN NOT MATCHED AND s."k" = ${mark} THEN INSERT ("id", "total") VALUES (s."c0", s."c2")`,
    )
  })

  it('ask for the rows of sets that cannot make one', () => {
    const schemas = [schemaOf('t', { at: 'date-time', size: 'integer' })]
    const found = catalogOf(schemas[0]!, { at: { notNull: true } })
    let ids = 0
    const options = { place: { database: 'D', schemaName: 'S' }, guard: false, nextId: () => ++ids }
    const plan = planSnowflakeTable(schemas, found, options)
    const { tables } = encodeBatch([eventOf('UPDATE', 't', { id: 'a', size: 1 })], new Map([['t', plan]]))
    const mark = tables[0]?.sets[0]?.mark
    expect(missingStatement(tables[0]!, stage, 3)).toEqual({
      table: 't',
      binds: [3],
      text:
        `SELECT r."n" AS "n" FROM ${stage} AS r LEFT JOIN "D"."S"."t" AS t ON t."id" = r."c0" ` +
        `WHERE r."b" = ? AND r."k" IN (${mark}) AND t."id" IS NULL`,
    })
    expect(applyStatements(tables[0]!, stage, 3, '')[0]?.text).not.toContain('INSERT')
  })

  it('compare positions and remember deletions with a guard', () => {
    const plan = planOf({ guard: true })
    const [merge, bury] = applyStatements(
      worked(plan, [insert('a'), remove('b')]),
      stage,
      4,
      '2026-01-01T00:00:00.000Z',
    )
    expect(merge?.binds).toEqual(['or"der', 4])
    expect(merge?.text).toContain(
      'LEFT JOIN "D"."S"."_eds_tombstone" AS x ON x."table_name" = ? AND x."key" = r."x" AND x."mvcc" > r."m"::NUMBER(38,10)',
    )
    expect(merge?.text).toContain('(t."_eds_mvcc" IS NULL OR t."_eds_mvcc" <= s."m") THEN DELETE')
    expect(merge?.text).toContain('AND s."buried" IS NULL THEN INSERT ("id", "tags", "total", "_eds_mvcc")')
    expect(bury?.binds).toEqual(['or"der', '2026-01-01T00:00:00.000Z', 4])
    expect(bury?.text).toContain('MERGE INTO "D"."S"."_eds_tombstone" AS x')
  })

  it('fill columns that may not be null, and split where there are many sets', () => {
    const plan = planOf({ totalRefusesNull: true })
    const text = applyStatements(worked(plan, [patch('a')]), stage, 1, '')[0]?.text
    expect(text).toContain(`INSERT ("id", "tags", "total") VALUES (s."c0", PARSE_JSON('[]'), s."c2")`)
    const names = Array.from({ length: 30 }, (_, index) => `n${index}`)
    const wide = schemaOf('t', Object.fromEntries(names.map((name) => [name, 'integer' as const])))
    let ids = 0
    const options = { place: { database: 'D', schemaName: 'S' }, guard: false, nextId: () => ++ids }
    const widePlan = planSnowflakeTable([wide], catalogOf(wide), options)
    const events = names.map((name) => eventOf('UPDATE', 't', { id: name, [name]: 1 }))
    const { tables } = encodeBatch(events, new Map([['t', widePlan]]))
    expect(applyStatements(tables[0]!, stage, 1, '').length).toBe(2)
  })

  it('skip changes of updatedDate alone, unless more has changed in the row', () => {
    const touch = (id: string) => eventOf('UPDATE', 'or"der', { id, total: 1 }, { diff: ['updatedDate'] })
    const other = eventOf('UPDATE', 'or"der', { id: 'b', total: 3 }, { diff: ['total', 'updatedDate'] })
    const { tables } = encodeBatch([touch('a'), touch('b'), other, touch('a')], new Map([['or"der', planOf()]]))
    expect(tables[0]?.rows.map((row) => row[2])).toEqual(['b'])
    expect(encodeBatch([touch('a')], new Map([['or"der', planOf()]])).tables).toEqual([])
  })

  it('refuses two rows with one key in a batch, so that they go one after the other', () => {
    const keyed = schemaOf('t', { id: 'integer!' })
    let ids = 0
    const options = { place: { database: 'D', schemaName: 'S' }, guard: false, nextId: () => ++ids }
    const plan = planSnowflakeTable([keyed], catalogOf(keyed), options)
    const events = ['1', '1.0'].map((id) => eventOf('INSERT', 't', { id }))
    expect(() => encodeBatch(events, new Map([['t', plan]]))).toThrow('two rows of one batch')
  })
})
