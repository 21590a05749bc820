import { expect, it } from 'vitest'
import { encodeBatch } from '../src/encode.js'
import { planSqlServerTable } from '../src/plan.js'
import { batchText, statementAt } from '../src/work.js'
import { catalogOf, eventOf, schemaOf } from './fixtures.js'

const schema = schemaOf('order', { total: 'number', count: 'integer', note: 'string', 'a]b': 'boolean' })

function planOf({ guard = false, ...changes }: { guard?: boolean; found?: ReturnType<typeof catalogOf> } = {}) {
  let id = 0
  return planSqlServerTable([schema], changes.found ?? catalogOf(schema), {
    schemaName: 'dbo',
    guard,
    nextId: () => ++id,
  })
}

function workOf(plan: ReturnType<typeof planOf>, ...events: Parameters<typeof encodeBatch>[0]) {
  const { work } = encodeBatch(events, new Map([['order', plan]]))
  return work!
}

const full = { id: 'a', total: 1.5, count: 9, note: 'x', 'a]b': true }

it('a batch is one text, one statement a line', () => {
  const work = workOf(
    planOf(),
    eventOf('DELETE', 'order', { id: 'b' }),
    eventOf('INSERT', 'order', full),
    eventOf('UPDATE', 'order', { id: 'c', note: null }),
  )
  expect(batchText(work, { writerLock: 'own' }).split('\n')).toEqual([
    'BEGIN TRANSACTION',
    "EXEC sp_getapplock @Resource = N'own', @LockMode = N'Exclusive', @LockOwner = N'Transaction', @LockTimeout = -1",
    'DELETE t FROM [dbo].[order] AS t INNER JOIN #eds_stage AS s ON t.[id] = CAST(s.[c0] AS NVARCHAR(255)) COLLATE Latin1_General_100_BIN2 WHERE s.[k] = 1',
    'UPDATE t SET t.[a]]b] = CASE WHEN s.[k] = 2 THEN CAST(s.[c1] AS BIT) ELSE t.[a]]b] END, t.[count] = CASE WHEN s.[k] = 2 THEN CAST(s.[c2] AS BIGINT) ELSE t.[count] END, t.[note] = s.[c3], t.[total] = CASE WHEN s.[k] = 2 THEN s.[f0] ELSE t.[total] END FROM [dbo].[order] AS t WITH (UPDLOCK, SERIALIZABLE) INNER JOIN #eds_stage AS s ON t.[id] = CAST(s.[c0] AS NVARCHAR(255)) COLLATE Latin1_General_100_BIN2 WHERE s.[k] IN (2, 3)',
    'INSERT INTO [dbo].[order] ([id], [a]]b], [count], [note], [total]) SELECT CAST(s.[c0] AS NVARCHAR(255)), CASE WHEN s.[k] = 2 THEN CAST(s.[c1] AS BIT) ELSE NULL END, CASE WHEN s.[k] = 2 THEN CAST(s.[c2] AS BIGINT) ELSE NULL END, s.[c3], CASE WHEN s.[k] = 2 THEN s.[f0] ELSE NULL END FROM #eds_stage AS s WHERE s.[k] IN (2, 3) AND NOT EXISTS (SELECT 1 FROM [dbo].[order] AS t WITH (UPDLOCK, SERIALIZABLE) WHERE t.[id] = CAST(s.[c0] AS NVARCHAR(255)) COLLATE Latin1_General_100_BIN2)',
    'COMMIT TRANSACTION',
    'TRUNCATE TABLE #eds_stage',
  ])
})

it('the stage holds texts, numbers as numbers, and nulls', () => {
  const { layout, rows } = workOf(
    planOf(),
    eventOf('DELETE', 'order', { id: 'b' }),
    eventOf('INSERT', 'order', full),
    eventOf('INSERT', 'order', { id: 'd', total: null, count: 1, note: '', 'a]b': null }),
  )
  expect(layout).toEqual({ texts: 4, floats: 1, guard: false })
  expect(rows).toEqual([
    [1, 0, 'b', null, null, null, null],
    [2, 1, 'a', '1', '9', 'x', 1.5],
    [2, 2, 'd', null, '1', '', null],
  ])
})

it('the line of an error tells the statement', () => {
  const work = workOf(planOf(), eventOf('INSERT', 'order', full))
  expect(statementAt(work, 3, { writerLock: 'own' })?.text).toMatch(/^UPDATE/)
  expect(statementAt(work, 1, 'within')?.text).toMatch(/^UPDATE/)
  expect(statementAt(work, 1, { writerLock: 'own' })).toBeUndefined()
})

it('a set that cannot make a row is updated, and asked for rows that are not there', () => {
  const plan = planOf({ found: catalogOf(schema, { total: { notNull: true } }) })
  const { statements } = workOf(plan, eventOf('UPDATE', 'order', { id: 'c', note: 'x' }))
  expect(statements.map(({ text }) => text)).toEqual([
    expect.stringMatching(/^UPDATE t SET t\.\[note\] = s\.\[c3\] FROM/),
    'SELECT s.[n] AS [n] FROM #eds_stage AS s WHERE s.[k] = 3 AND NOT EXISTS (SELECT 1 FROM [dbo].[order] AS t WITH (UPDLOCK, SERIALIZABLE) WHERE t.[id] = CAST(s.[c0] AS NVARCHAR(255)) COLLATE Latin1_General_100_BIN2)',
  ])
})

it('a guard compares positions and keeps tombstones: five statements in all', () => {
  const work = workOf(
    planOf({ guard: true }),
    eventOf('DELETE', 'order', { id: 'b' }, { mvcc: '5.0000000000' }),
    eventOf('INSERT', 'order', full, { mvcc: '6.0000000001' }),
  )
  expect(work.rows.map((row) => row.slice(0, 5))).toEqual([
    [1, 0, '5.0000000000', '["b"]', 'b'],
    [2, 1, '6.0000000001', '["a"]', 'a'],
  ])
  const texts = work.statements.map(({ text }) => text)
  expect(texts).toHaveLength(5)
  const position = 'CAST(s.[m] AS DECIMAL(38, 10))'
  expect(texts[0]).toContain(`WHERE s.[k] = 1 AND (t.[_eds_mvcc] IS NULL OR t.[_eds_mvcc] <= ${position})`)
  expect(texts[1]).toBe(
    `UPDATE x SET x.[mvcc] = ${position}, x.[deleted_at] = SYSUTCDATETIME() FROM [dbo].[_eds_tombstone] AS x WITH (UPDLOCK, SERIALIZABLE) INNER JOIN #eds_stage AS s ON x.[table_name] = N'order' AND x.[key] = s.[q] WHERE s.[k] = 1 AND x.[mvcc] <= ${position}`,
  )
  expect(texts[2]).toMatch(/^INSERT INTO \[dbo\]\.\[_eds_tombstone\] .* NOT EXISTS/)
  expect(texts[4]).toContain(
    `AND NOT EXISTS (SELECT 1 FROM [dbo].[_eds_tombstone] AS x WHERE x.[table_name] = N'order' AND x.[key] = s.[q] AND x.[mvcc] > ${position})`,
  )
})

it('a key in a collation without case is compared by code too, and two spellings in one batch are refused', () => {
  const collation = 'SQL_Latin1_General_CP1_CI_AS'
  const plan = planOf({ found: catalogOf(schema, { id: { type: 'varchar', maxLength: 64, collation } }) })
  const { statements } = workOf(plan, eventOf('DELETE', 'order', { id: 'a' }))
  expect(statements[0]?.text).toContain(
    `t.[id] = CAST(s.[c0] AS VARCHAR(64)) COLLATE ${collation} AND t.[id] COLLATE Latin1_General_100_BIN2 = CAST(s.[c0] AS VARCHAR(64)) COLLATE Latin1_General_100_BIN2 WHERE`,
  )
  const events = [eventOf('INSERT', 'order', full), eventOf('INSERT', 'order', { ...full, id: 'A' })]
  const { failures, work } = encodeBatch(events, new Map([['order', plan]]))
  expect(failures).toMatchObject([{ index: 1, error: { code: 'record', message: /keys that are one to SQL Server/ } }])
  expect(work?.rows).toHaveLength(1)
})

it('a key that ends in a blank is refused', () => {
  const events = [eventOf('INSERT', 'order', { ...full, id: 'a ' })]
  const { failures } = encodeBatch(events, new Map([['order', planOf()]]))
  expect(failures).toMatchObject([{ index: 0, error: { code: 'record', message: /ends in a blank/ } }])
})

it('a key that the server numbers is set by leave, and never updated', () => {
  const numbered = schemaOf('order', { id: 'integer!', note: 'string' })
  const found = catalogOf(numbered, { id: { identity: true, hasDefault: true } })
  const plan = planSqlServerTable([numbered], found, { schemaName: 'dbo', guard: false, nextId: () => 1 })
  const { statements } = workOf(plan, eventOf('INSERT', 'order', { id: 1, note: 'x' }))
  expect(statements[0]?.text).toMatch(/^UPDATE t SET t\.\[note\] = s\.\[c1\] FROM/)
  expect(statements[1]?.text).toMatch(
    /^SET IDENTITY_INSERT \[dbo\]\.\[order\] ON; INSERT INTO .*; SET IDENTITY_INSERT \[dbo\]\.\[order\] OFF$/,
  )
})

it('rows of one kind are not asked for theirs; a column with a default of its own keeps inserts apart', () => {
  const one = workOf(planOf(), eventOf('INSERT', 'order', full)).statements.map(({ text }) => text)
  expect(one[0]).toContain('SET t.[a]]b] = CASE WHEN s.[k] = 2 THEN CAST(s.[c1] AS BIT) END, ')
  expect(one[0]).toContain('t.[note] = s.[c3], t.[total] = s.[f0] FROM')
  const plan = planOf({ found: catalogOf(schema, { count: { hasDefault: true } }) })
  const partial = eventOf('UPDATE', 'order', { id: 'c', note: null })
  const { statements } = workOf(plan, eventOf('INSERT', 'order', full), partial)
  expect(statements.map(({ text }) => text.slice(0, 6))).toEqual(['UPDATE', 'INSERT', 'INSERT'])
  expect(statements[2]?.text).toMatch(/^INSERT INTO \[dbo\]\.\[order\] \(\[id\], \[note\]\)/)
})
