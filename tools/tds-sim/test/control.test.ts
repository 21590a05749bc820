import sql from 'mssql'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startTdsSim, type TdsSim } from '../src/index.js'
import { account, connect } from './connect.js'

const accessToken = 'a token of some length'
let sim: TdsSim
let pool: sql.ConnectionPool

beforeEach(async () => {
  sim = await startTdsSim({ ...account, accessToken })
  await sim.query('CREATE TABLE t (a INT NOT NULL PRIMARY KEY)')
  pool = await connect(sim)
})

afterEach(async () => {
  await pool.close()
  await sim.stop()
})

/** Number of the error that the request meets; 0 where it succeeds. */
async function numberOf(request: Promise<unknown>): Promise<number> {
  return request.then(
    () => 0,
    (error: { number?: number }) => error.number ?? -1,
  )
}

test('fails after a commit that took place', async () => {
  sim.failNext({ number: 40197, message: 'The service has met an error', when: 'after commit' })
  expect(await numberOf(pool.request().query('SELECT a FROM t'))).toBe(0)
  expect(await numberOf(pool.request().query('INSERT INTO t VALUES (1)'))).toBe(40197)
  expect(await numberOf(pool.request().query('INSERT INTO t VALUES (2)'))).toBe(0)
  expect(await sim.query('SELECT a FROM t')).toEqual([{ a: 1 }, { a: 2 }])
})

test('ends the connection with an error of class 20', async () => {
  sim.failNext({ number: 596, message: 'The session is in the kill state', class: 21, matching: /INSERT/ })
  expect(await numberOf(pool.request().query('INSERT INTO t VALUES (1)'))).toBe(596)
  expect(await sim.query('SELECT a FROM t')).toEqual([])
  await expect.poll(() => sim.connectionCount()).toBe(0)
})

test('rolls the transaction back where the server would', async () => {
  const text = 'SET XACT_ABORT OFF; BEGIN TRANSACTION; INSERT INTO t VALUES (1)'
  await pool.request().batch(text)
  sim.failNext({ number: 9002, message: 'The log is full', matching: /VALUES \(2\)/ })
  expect(await numberOf(pool.request().batch('INSERT INTO t VALUES (2)'))).toBe(9002)
  expect((await pool.request().batch('SELECT @@TRANCOUNT AS n')).recordset).toEqual([{ n: 0 }])
  expect(await sim.query('SELECT a FROM t')).toEqual([])
})

test('denies writing to tables, not to temporary ones', async () => {
  sim.denyWrites(true)
  for (const text of ['INSERT INTO t VALUES (1)', 'UPDATE t SET a = 2', 'DELETE FROM t'])
    expect(await numberOf(pool.request().batch(text))).toBe(229)
  expect(await numberOf(pool.request().batch('CREATE TABLE #t (a INT); INSERT INTO #t VALUES (1)'))).toBe(0)
  sim.denyWrites(false)
  expect(await numberOf(pool.request().batch('INSERT INTO t VALUES (1)'))).toBe(0)
})

test('takes an access token, and refuses a wrong one', async () => {
  const authentication = (token: string) => ({ type: 'azure-active-directory-access-token', options: { token } })
  const login = (token: string) =>
    connect(sim, { user: '', password: '', authentication: authentication(token) } as Partial<sql.config>)
  const byToken = await login(accessToken)
  expect((await byToken.request().query('SELECT 1 AS one')).recordset).toEqual([{ one: 1 }])
  await byToken.close()
  expect(await login('another').then(String, (error: Error) => error.message)).toMatch(/Login failed/)
})

test('ends temporary tables and settings of sp_executesql with it, and keeps those of a batch', async () => {
  const named = pool.request().input('n', sql.Int(), 1)
  await named.query('SET NOCOUNT ON; CREATE TABLE #inner (a INT); INSERT INTO #inner VALUES (@n)')
  expect(await numberOf(pool.request().query('SELECT a FROM #inner'))).toBe(208)
  await pool.request().batch('SET XACT_ABORT OFF; CREATE TABLE #outer (a INT)')
  await pool.request().input('n', sql.Int(), 1).query('SET XACT_ABORT ON; INSERT INTO #outer VALUES (@n)')
  expect((await pool.request().query('SELECT a FROM #outer')).recordset).toEqual([{ a: 1 }])
  await pool.request().batch('BEGIN TRANSACTION; INSERT INTO #outer VALUES (2)')
  expect(await numberOf(pool.request().batch('INSERT INTO t VALUES (NULL)'))).toBe(515)
  expect((await pool.request().batch('SELECT @@TRANCOUNT AS n; ROLLBACK TRANSACTION')).recordset).toEqual([{ n: 1 }])
})

test('tells the line of the statement that failed', async () => {
  const line = (text: string) =>
    pool
      .request()
      .batch(text)
      .then(
        () => 0,
        (error: { lineNumber?: number }) => error.lineNumber,
      )
  expect(await line('SELECT 1 AS a\n\nINSERT INTO t VALUES (NULL)\nSELECT 2 AS b')).toBe(3)
  sim.failNext({ number: 2627, message: 'twice', matching: /INSERT INTO t/ })
  expect(await line('SELECT 1 AS a\nINSERT INTO t VALUES (1)')).toBe(2)
})
