import { afterEach, beforeEach, expect, test } from 'vitest'
import { startTdsSim, type TdsSim } from '../src/index.js'
import { account } from './connect.js'

let sim: TdsSim

beforeEach(async () => {
  sim = await startTdsSim(account)
  await sim.query(`CREATE TABLE [dbo].[o]]rder] ([id] BIGINT NOT NULL, [name] NVARCHAR(10), [n] INT, CONSTRAINT [pk] PRIMARY KEY ([id]))
    INSERT INTO [o]]rder] ([id], [name], [n]) VALUES (1, N'one', 1), (2, N'two', 2)`)
})

afterEach(() => sim.stop())

const stage = `CREATE TABLE #s ([k] INT, [n] INT, [c0] BIGINT, [c1] NVARCHAR(MAX))
  INSERT INTO #s VALUES (0, 0, 2, N'zwei'), (0, 1, 3, N'drei'), (1, 0, 1, NULL);`
const all = 'SELECT [id], [name], [n] FROM [dbo].[o]]rder] ORDER BY [id]'

test('updates from a staged table, then inserts what is new', async () => {
  const rows = await sim.query(`${stage}
    UPDATE t SET t.[name] = CAST(s.[c1] AS NVARCHAR(10)) FROM [dbo].[o]]rder] AS t WITH (UPDLOCK, HOLDLOCK)
      INNER JOIN #s AS s ON t.[id] = s.[c0] WHERE s.[k] = 0;
    INSERT INTO [dbo].[o]]rder] WITH (HOLDLOCK) ([id], [name]) SELECT s.[c0], s.[c1] FROM #s AS s WHERE s.[k] = 0
      AND NOT EXISTS (SELECT 1 FROM [dbo].[o]]rder] AS t WITH (UPDLOCK) WHERE t.[id] = s.[c0]);
    ${all}`)
  expect(rows).toEqual([
    { id: '1', name: 'one', n: 1 },
    { id: '2', name: 'zwei', n: 2 },
    { id: '3', name: 'drei', n: null },
  ])
})

test('merges', async () => {
  const rows = await sim.query(`${stage}
    MERGE [dbo].[o]]rder] WITH (HOLDLOCK) AS t USING (SELECT s.[c0], s.[c1] FROM #s AS s WHERE s.[k] = 0) AS s ON t.[id] = s.[c0]
    WHEN MATCHED THEN UPDATE SET t.[name] = s.[c1] WHEN NOT MATCHED THEN INSERT ([id], [name]) VALUES (s.[c0], s.[c1]);
    ${all}`)
  expect(rows.map((row) => row.name)).toEqual(['one', 'zwei', 'drei'])
})

test('deletes by a staged table and finds what is missing', async () => {
  expect(
    await sim.query(`${stage} SELECT s.[n] FROM #s AS s WHERE s.[k] = 0
      AND NOT EXISTS (SELECT 1 FROM [o]]rder] AS t WHERE t.[id] = s.[c0])`),
  ).toEqual([{ n: 1 }])
  const rows = await sim.query(
    `${stage} DELETE t FROM [dbo].[o]]rder] AS t INNER JOIN #s AS s ON t.[id] = s.[c0] WHERE s.[k] = 1; ${all}`,
  )
  expect(rows.map((row) => row.id)).toEqual(['2'])
})

test.each([
  [208, 'SELECT * FROM none'],
  [207, 'SELECT nothing FROM [o]]rder]'],
  [2627, 'INSERT INTO [o]]rder] (id) VALUES (1)'],
  [515, "INSERT INTO [o]]rder] (name) VALUES (N'x')"],
  [2628, "UPDATE [o]]rder] SET name = N'12345678901'"],
  [245, "UPDATE [o]]rder] SET n = N'abc'"],
  [8114, "INSERT INTO [o]]rder] (id) VALUES (N'abc')"],
  [8115, 'UPDATE [o]]rder] SET n = 2147483648'],
  [2714, 'CREATE TABLE [O]]RDER] (a INT)'],
  [241, "SELECT CAST(N'0000-01-01' AS DATETIME2)"],
  [102, 'GRANT SELECT ON t TO u'],
])('answers with error %i', async (number, text) => {
  await expect(sim.query(text)).rejects.toMatchObject({ number })
})

test('rolls back all of a transaction under XACT_ABORT', async () => {
  const text =
    'SET XACT_ABORT ON; BEGIN TRANSACTION; UPDATE [o]]rder] SET n = 9; INSERT INTO [o]]rder] (id) VALUES (1); COMMIT'
  await expect(sim.query(text)).rejects.toMatchObject({ number: 2627 })
  expect((await sim.query(all)).map((row) => row.n)).toEqual([1, 2])
})

test('compares text keys without case and blanks at the end', async () => {
  await sim.query("CREATE TABLE k (a NVARCHAR(10) NOT NULL PRIMARY KEY); INSERT INTO k VALUES (N'a')")
  await expect(sim.query("INSERT INTO k VALUES (N'A ')")).rejects.toMatchObject({ number: 2627 })
})

test('refuses writing where it is read-only or denied', async () => {
  sim.setReadOnly(true)
  await expect(sim.query('DELETE FROM [o]]rder]')).rejects.toMatchObject({ number: 3906 })
  sim.setReadOnly(false)
  sim.denyCreate(true)
  await expect(sim.query('CREATE TABLE x (a INT)')).rejects.toMatchObject({ number: 262 })
})

test('tells the columns and keys of tables', async () => {
  const rows = await sim.query(`SELECT c.name, t.name AS type, c.max_length, c.is_nullable, ic.key_ordinal
    FROM sys.columns AS c INNER JOIN sys.types AS t ON t.user_type_id = c.user_type_id
    LEFT JOIN sys.index_columns AS ic ON ic.object_id = c.object_id AND ic.column_id = c.column_id
    WHERE c.object_id = OBJECT_ID(N'dbo.[o]]rder]') ORDER BY c.column_id`)
  expect(rows).toEqual([
    { name: 'id', type: 'bigint', max_length: 8, is_nullable: false, key_ordinal: 1 },
    { name: 'name', type: 'nvarchar', max_length: 20, is_nullable: true, key_ordinal: null },
    { name: 'n', type: 'int', max_length: 4, is_nullable: true, key_ordinal: null },
  ])
})

test('adds columns, swaps tables and drops', async () => {
  await sim.query(`ALTER TABLE [o]]rder] ADD [extra] DATETIME2(6) NULL; EXEC sp_rename N'dbo.[o]]rder]', N'kept';
    CREATE TABLE [o]]rder] (a INT); DROP TABLE IF EXISTS kept, missing; TRUNCATE TABLE [o]]rder]`)
  expect(await sim.query('SELECT COUNT(*) AS n FROM sys.tables')).toEqual([{ n: 1 }])
})

test('numbers rows, and takes numbers where IDENTITY_INSERT is on', async () => {
  await sim.query('CREATE TABLE i (id BIGINT IDENTITY(5, 2) PRIMARY KEY, v INT); INSERT INTO i VALUES (1), (2)')
  await expect(sim.query('INSERT INTO i (id, v) VALUES (1, 1)')).rejects.toMatchObject({ number: 544 })
  await expect(sim.query('UPDATE i SET id = 1')).rejects.toMatchObject({ number: 8102 })
  await expect(sim.query('SET IDENTITY_INSERT i ON; INSERT INTO i (v) VALUES (1)')).rejects.toMatchObject({
    number: 545,
  })
  const rows = await sim.query(`SET IDENTITY_INSERT [dbo].[i] ON; INSERT INTO i (id, v) VALUES (20, 3);
    SET IDENTITY_INSERT [dbo].[i] OFF; INSERT INTO i (v) VALUES (4); SELECT id, v FROM i ORDER BY id`)
  expect(rows.map((row) => [row.id, row.v])).toEqual([
    ['5', 1],
    ['7', 2],
    ['20', 3],
    ['22', 4],
  ])
  expect(await sim.query('SELECT name FROM sys.columns WHERE is_identity = 1')).toEqual([{ name: 'id' }])
})
