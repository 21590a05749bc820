import sql from 'mssql'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startTdsSim, type TdsSim } from '../src/index.js'
import { account, connect } from './connect.js'

let sim: TdsSim
let pool: sql.ConnectionPool

beforeEach(async () => {
  sim = await startTdsSim(account)
  pool = await connect(sim)
})

afterEach(async () => {
  await pool.close()
  await sim.stop()
})

test('logs in, tells its name and keeps the application name', async () => {
  const { recordset } = await pool.request().query('SELECT DB_NAME() AS [database], @@VERSION AS [version]')
  expect(recordset[0]).toMatchObject({ database: 'shop', version: expect.stringContaining('tds-sim') })
  expect(new Set(sim.applicationNames())).toEqual(new Set(['eds-test']))
})

test('refuses a wrong password and an unknown database', async () => {
  await expect(connect(sim, { password: 'no' })).rejects.toMatchObject({
    code: 'ELOGIN',
    originalError: { message: /Login failed/ },
  })
  await expect(connect(sim, { database: 'none' })).rejects.toThrow(/Cannot open database "none"/)
})

const types: [string, sql.ISqlType, string, unknown][] = [
  ['bigint', sql.BigInt(), 'BIGINT', '9223372036854775807'],
  ['int', sql.Int(), 'INT', -2147483648],
  ['smallint', sql.SmallInt(), 'SMALLINT', -32768],
  ['tinyint', sql.TinyInt(), 'TINYINT', 255],
  ['bit', sql.Bit(), 'BIT', true],
  ['float', sql.Float(), 'FLOAT', 1.5e300],
  ['real', sql.Real(), 'REAL', 1.5],
  ['decimal', sql.Decimal(18, 4), 'DECIMAL(18, 4)', -12345.6789],
  ['nvarchar', sql.NVarChar(40), 'NVARCHAR(40)', 'a\u0000😀\ud800'],
  ['nvarchar max', sql.NVarChar(sql.MAX), 'NVARCHAR(MAX)', 'é'.repeat(100_000)],
  ['varchar', sql.VarChar(40), 'VARCHAR(40)', 'é plain'],
  ['varchar max', sql.VarChar(sql.MAX), 'VARCHAR(MAX)', ''],
  ['datetime2', sql.DateTime2(3), 'DATETIME2(3)', new Date('1969-12-31T23:59:59.123Z')],
  ['datetimeoffset', sql.DateTimeOffset(3), 'DATETIMEOFFSET(3)', new Date('2038-02-01T00:00:00.001Z')],
  ['date', sql.Date(), 'DATE', new Date('2026-02-28T00:00:00.000Z')],
  ['datetime', sql.DateTime(), 'DATETIME', new Date('2026-02-28T12:30:00.000Z')],
  ['uniqueidentifier', sql.UniqueIdentifier(), 'UNIQUEIDENTIFIER', '01234567-89AB-CDEF-0123-456789ABCDEF'],
  ['varbinary', sql.VarBinary(sql.MAX), 'VARBINARY(MAX)', Buffer.from([0, 1, 255])],
]

test.each(types)(
  'brings %s there and back as parameter, bulk column and result',
  async (_name, type, declaration, value) => {
    await pool.request().batch(`CREATE TABLE [dbo].[t] ([id] INT NOT NULL PRIMARY KEY, [v] ${declaration} NULL)`)
    const table = new sql.Table('dbo.t')
    table.columns.add('id', sql.Int(), { nullable: false })
    table.columns.add('v', type, { nullable: true })
    table.rows.add(1, value as string)
    table.rows.add(2, null)
    await pool.request().bulk(table)
    await pool.request().input('p', type, value).query('INSERT INTO [dbo].[t] ([id], [v]) VALUES (3, @p)')
    await pool.request().input('p', type, null).query('INSERT INTO [dbo].[t] ([id], [v]) VALUES (4, @p)')
    const { recordset } = await pool.request().query('SELECT [v] FROM [dbo].[t] ORDER BY [id]')
    expect(recordset.map((row) => row.v)).toEqual([value, null, value, null])
  },
)

test('takes transactions of the client and rolls them back', async () => {
  await pool.request().batch('CREATE TABLE t (a INT NOT NULL PRIMARY KEY)')
  for (const end of ['commit', 'rollback'] as const) {
    const transaction = pool.transaction()
    await transaction.begin()
    await transaction.request().query(`INSERT INTO t (a) VALUES (${end === 'commit' ? 1 : 2})`)
    await transaction[end]()
  }
  expect(await sim.query('SELECT a FROM t')).toEqual([{ a: 1 }])
})

test('takes back a killed transaction and serves the same rows after a restart', async () => {
  await pool.request().batch('CREATE TABLE t (a INT); INSERT INTO t VALUES (1)')
  const transaction = pool.transaction()
  transaction.on('rollback', () => undefined)
  await transaction.begin()
  await transaction.request().query('INSERT INTO t VALUES (2)')
  await sim.stop()
  await sim.start()
  // Gives the pool its dead connection back, without which closing the pool would wait for ever.
  await transaction.rollback().catch(() => undefined)
  const again = await connect(sim)
  expect((await again.request().query('SELECT a FROM t')).recordset).toEqual([{ a: 1 }])
  await again.close()
})

test('loses an answer after the commit took place', async () => {
  await pool.request().batch('CREATE TABLE t (a INT)')
  sim.answerLostAfterCommit()
  await expect(pool.request().query('INSERT INTO t VALUES (7)')).rejects.toThrow()
  expect(await sim.query('SELECT a FROM t')).toEqual([{ a: 7 }])
})

test('fails once as told, with number and class', async () => {
  // Without `matching` the pool's own `SELECT 1;` before the request would meet the failure.
  sim.failNext({ number: 1205, message: 'You lost', class: 13, matching: /AS one/ })
  await expect(pool.request().query('SELECT 1 AS one')).rejects.toMatchObject({ number: 1205, class: 13 })
  expect((await pool.request().query('SELECT 1 AS one')).recordset).toEqual([{ one: 1 }])
})

test('cancels a request that stalls', async () => {
  sim.stall()
  const request = pool.request()
  const answer = request.query('SELECT 1')
  setImmediate(() => {
    request.cancel()
    sim.restore()
  })
  await expect(answer).rejects.toMatchObject({ code: 'ECANCEL' })
  expect((await pool.request().query('SELECT 2 AS two')).recordset).toEqual([{ two: 2 }])
})
