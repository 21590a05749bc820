import type sql from 'mssql'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startTdsSim, type TdsSim } from '../src/index.js'
import { account, connect } from './connect.js'

let sim: TdsSim
let one: sql.ConnectionPool
let other: sql.ConnectionPool

beforeEach(async () => {
  sim = await startTdsSim(account)
  await sim.query('CREATE TABLE a (n INT NOT NULL PRIMARY KEY); CREATE TABLE b (n INT NOT NULL PRIMARY KEY)')
  one = await connect(sim)
  other = await connect(sim)
})

afterEach(async () => {
  await one.close()
  await other.close()
  await sim.stop()
})

/** A transaction that has written to a table, and so holds its lock. */
async function writerOf(pool: sql.ConnectionPool, table: string, n: number): Promise<sql.Transaction> {
  const transaction = pool.transaction()
  transaction.on('rollback', () => undefined)
  await transaction.begin()
  await transaction.request().query(`INSERT INTO ${table} VALUES (${n})`)
  return transaction
}

/** Gives the pool the connection of a transaction that has ended, without which closing the pool would wait for ever. */
const giveBack = (transaction: sql.Transaction) => transaction.rollback().catch(() => undefined)

/** Resolves when the server has got a request with this text: from then on it waits, or has been answered. */
async function received(text: string): Promise<void> {
  while (!sim.statements().some((statement) => statement.sql.includes(text)))
    await new Promise((resolve) => setImmediate(resolve))
}

const getLock = (resource: string, owner: string, timeout: number) =>
  `DECLARE @r INT; EXEC @r = sp_getapplock @Resource = N'${resource}', @LockMode = N'Exclusive', @LockOwner = N'${owner}', @LockTimeout = ${timeout}; SELECT @r AS [r]`
const releaseLock = (resource: string) =>
  `DECLARE @r INT; EXEC @r = sp_releaseapplock @LockOwner = 'Session', @Resource = '${resource}'; SELECT @r AS [r]`

async function result(pool: sql.ConnectionPool | sql.Transaction, text: string): Promise<number> {
  return (await pool.request().batch<{ r: number }>(text)).recordset[0]?.r ?? Number.NaN
}

test('lets nobody read what is not committed', async () => {
  const writer = await writerOf(one, 'a', 1)
  const reading = other.request().query('SELECT n FROM a /* waits */')
  await received('/* waits */')
  await writer.rollback()
  expect((await reading).recordset).toEqual([])
})

test('chooses the one who closes a circle of waits as the victim, and rolls it back', async () => {
  const first = await writerOf(one, 'a', 1)
  const second = await writerOf(other, 'b', 1)
  const waiting = first.request().query('INSERT INTO b VALUES (2) /* waits */')
  await received('/* waits */')
  await expect(second.request().query('INSERT INTO a VALUES (2)')).rejects.toMatchObject({ number: 1205, class: 13 })
  await waiting
  await first.commit()
  await giveBack(second)
  expect(await sim.query('SELECT n FROM a UNION ALL SELECT n FROM b')).toEqual([{ n: 1 }, { n: 2 }])
})

test('cancels a request that waits for a lock', async () => {
  const writer = await writerOf(one, 'a', 1)
  const request = other.request()
  const waiting = request.query('INSERT INTO a VALUES (2) /* waits */')
  await received('/* waits */')
  request.cancel()
  await expect(waiting).rejects.toMatchObject({ code: 'ECANCEL' })
  await writer.commit()
  expect((await other.request().query('SELECT n FROM a')).recordset).toEqual([{ n: 1 }])
})

test('takes back what a killed connection wrote, and forgets what it waited for', async () => {
  const writer = await writerOf(one, 'a', 1)
  const waiting = other.request().query('INSERT INTO a VALUES (2) /* waits */')
  await received('/* waits */')
  sim.killConnections()
  await expect(waiting).rejects.toThrow()
  await giveBack(writer)
  expect(await sim.query('SELECT n FROM a')).toEqual([])
  await sim.query('INSERT INTO a VALUES (3)')
})

test('stops while requests wait for locks', async () => {
  const writer = await writerOf(one, 'a', 1)
  const waiting = other.request().query('INSERT INTO a VALUES (2) /* waits */')
  await received('/* waits */')
  await Promise.all([sim.stop(), expect(waiting).rejects.toThrow()])
  await giveBack(writer)
  await sim.start()
  expect(await sim.query('SELECT n FROM a')).toEqual([])
})

test('gives an application lock to one session at a time, and back as often as it was taken', async () => {
  expect(await result(one, getLock('x', 'Session', 0))).toBe(0)
  expect(await result(one, getLock('x', 'Session', 0))).toBe(0)
  expect(await result(other, getLock('x', 'Session', 0))).toBe(-1)
  expect(await result(other, getLock('X', 'Session', 0))).toBe(0)
  expect(await result(one, releaseLock('x'))).toBe(0)
  expect(await result(other, getLock('x', 'Session', 5))).toBe(-1)
  const waiting = result(other, `${getLock('x', 'Session', -1)} /* waits */`)
  await received('/* waits */')
  expect(await result(one, releaseLock('x'))).toBe(0)
  expect(await waiting).toBe(1)
  await expect(result(one, releaseLock('x'))).rejects.toMatchObject({ number: 1223 })
})

test('ends application locks with their transaction or their connection', async () => {
  const transaction = one.transaction()
  await transaction.begin()
  expect(await result(transaction, getLock('t', 'Transaction', 0))).toBe(0)
  expect(await result(transaction, getLock('s', 'Session', 0))).toBe(0)
  await transaction.commit()
  expect(await result(other, getLock('t', 'Session', 0))).toBe(0)
  expect(await result(other, getLock('s', 'Session', 0))).toBe(-1)
  expect(await result(other, getLock('u', 'Transaction', 0))).toBe(-999)
  await one.close()
  expect(await result(other, getLock('s', 'Session', 10_000))).toBeGreaterThanOrEqual(0)
})

test('answers -3 where waiting for an application lock would close a circle', async () => {
  await result(one, getLock('x', 'Session', 0))
  await result(other, getLock('y', 'Session', 0))
  const waiting = result(one, `${getLock('y', 'Session', -1)} /* waits */`)
  await received('/* waits */')
  expect(await result(other, getLock('x', 'Session', -1))).toBe(-3)
  await result(other, releaseLock('y'))
  expect(await waiting).toBe(1)
})

test('refuses lock modes and procedures that it does not know', async () => {
  const text = "EXEC sp_getapplock @Resource = N'x', @LockMode = N'Shared'"
  await expect(one.request().batch(text)).rejects.toMatchObject({ number: 102 })
  await expect(one.request().batch('EXEC sp_nothing')).rejects.toMatchObject({ number: 2812 })
  expect(sim.refused()).toEqual([expect.stringContaining('Shared'), expect.stringContaining('sp_nothing')])
})
