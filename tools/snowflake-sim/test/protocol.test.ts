import { generateKeyPairSync } from 'node:crypto'
import type { RowStatement } from 'snowflake-sdk'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type SnowflakeSim, startSnowflakeSim } from '../src/index.js'
import { account, connect, failure, run, startAccount } from './client.js'

let sim: SnowflakeSim

beforeEach(async () => {
  sim = await startAccount()
})

afterEach(async () => {
  await sim.stop()
})

const pem = { type: 'spki', format: 'pem' } as const
const pkcs8 = { type: 'pkcs8', format: 'pem' } as const
const keyPair = () =>
  generateKeyPairSync('rsa', { modulusLength: 2048, publicKeyEncoding: pem, privateKeyEncoding: pkcs8 })

test('refuses a wrong password and an unknown role', async () => {
  expect(await failure(connect(sim, { password: 'wrong' }))).toMatchObject({ code: '390100' })
  expect(await failure(connect(sim, { role: 'NOBODY' }))).toMatchObject({ code: '390189' })
})

test('lets a session begin in a schema or warehouse that does not exist', async () => {
  const connection = await connect(sim, { schema: 'NONE', warehouse: 'NONE' })
  const { rows } = await run(connection, 'SELECT CURRENT_SCHEMA() AS S, CURRENT_WAREHOUSE() AS W')
  expect(rows).toEqual([{ S: null, W: null }])
  expect(await failure(run(connection, 'SELECT 1 AS X FROM "t"'))).toMatchObject({ code: '000606', sqlState: '57P03' })
})

test('a key pair logs in, another key does not', async () => {
  const { publicKey, privateKey } = keyPair()
  const guarded = await startSnowflakeSim({ ...account, publicKey })
  try {
    const key = { authenticator: 'SNOWFLAKE_JWT', privateKey }
    const connection = await connect(guarded, key)
    expect((await run(connection, 'SELECT CURRENT_ROLE() AS R')).rows).toEqual([{ R: 'WRITER' }])
    const other = connect(guarded, { ...key, privateKey: keyPair().privateKey })
    expect(await failure(other)).toMatchObject({ code: '390144' })
  } finally {
    await guarded.stop()
  }
})

test('an expired session is renewed by the client without a trace', async () => {
  const connection = await connect(sim)
  sim.expireSessions()
  expect((await run(connection, 'SELECT 1 AS X')).rows).toEqual([{ X: 1 }])
})

test('keeps the tag of a session and of a statement', async () => {
  const connection = await connect(sim)
  await run(connection, "ALTER SESSION SET QUERY_TAG = 'of the session'")
  await run(connection, 'SELECT 1')
  await run(connection, 'SELECT 2', undefined, { parameters: { QUERY_TAG: 'of the statement' } })
  expect(sim.statements().map((statement) => statement.queryTag)).toEqual(['', 'of the session', 'of the statement'])
})

test('several statements in one request', async () => {
  const connection = await connect(sim)
  const parameters = { MULTI_STATEMENT_COUNT: 3 }
  await run(connection, 'CREATE TABLE "m" ("v" INTEGER); INSERT INTO "m" VALUES (1); SELECT "v" FROM "m"', undefined, {
    parameters,
  })
  expect(await sim.query('SELECT "v" FROM "m"')).toEqual([{ v: '1' }])
  expect(await failure(run(connection, 'SELECT 1; SELECT 2'))).toMatchObject({ code: '000008' })
})

test('refuses what it does not know and keeps a log of it', async () => {
  const connection = await connect(sim)
  expect(await failure(run(connection, 'SELECT SQRT(2)'))).toMatchObject({ code: '001003', sqlState: '42000' })
  expect(await failure(run(connection, 'SELEC 1'))).toMatchObject({ code: '001003' })
  expect(sim.refused().map((statement) => statement.text)).toEqual(['SELECT SQRT(2)', 'SELEC 1'])
})

test('faults: one failure, no rights to create, no warehouse', async () => {
  const connection = await connect(sim)
  sim.failNext({ code: '000625', sqlState: '57014', message: 'lock timeout' })
  expect(await failure(run(connection, 'SELECT 1'))).toMatchObject({ code: '000625', sqlState: '57014' })
  sim.denyCreate(true)
  expect(await failure(run(connection, 'CREATE TABLE "t" ("v" INTEGER)'))).toMatchObject({
    code: '003001',
    sqlState: '42501',
  })
  await run(connection, 'CREATE TEMPORARY TABLE "t" ("v" INTEGER)')
  sim.suspendWarehouse(true)
  expect(await failure(run(connection, 'SELECT * FROM "t"'))).toMatchObject({ code: '000606' })
})

test('a stalled statement can be cancelled or reaches its timeout, and takes no effect', async () => {
  const connection = await connect(sim)
  await sim.query('CREATE TABLE "t" ("v" INTEGER)')
  sim.stall()
  const timed = failure(
    run(connection, 'INSERT INTO "t" VALUES (1)', undefined, { parameters: { STATEMENT_TIMEOUT_IN_SECONDS: 1 } }),
  )
  expect(await timed).toMatchObject({ code: '000630', sqlState: '57014' })
  const started: RowStatement[] = []
  const onStart = (statement: RowStatement) => started.push(statement)
  const cancelled = failure(run(connection, 'INSERT INTO "t" VALUES (2)', undefined, { onStart }))
  await statementsArrived(2)
  started[0]?.cancel(() => {})
  expect(await cancelled).toMatchObject({ code: '000604', sqlState: '57014' })
  sim.restore()
  expect(await sim.query('SELECT "v" FROM "t"')).toEqual([])
})

async function statementsArrived(count: number): Promise<void> {
  await expect.poll(() => sim.statements().length).toBe(count)
}

test('a lost answer is given again when the client asks again, and the write happened once', async () => {
  const connection = await connect(sim)
  await sim.query('CREATE TABLE "t" ("v" INTEGER)')
  sim.answerLostAfterCommit()
  await run(connection, 'INSERT INTO "t" VALUES (1)')
  expect(await sim.query('SELECT COUNT(*) AS C FROM "t"')).toEqual([{ C: '1' }])
})

test('rows outlive a restart on the same port, sessions and open transactions do not', async () => {
  const connection = await connect(sim)
  await sim.query('CREATE TABLE "t" ("v" INTEGER); INSERT INTO "t" VALUES (1)')
  await run(connection, 'BEGIN')
  await run(connection, 'INSERT INTO "t" VALUES (2)')
  await sim.stop()
  await sim.start()
  const again = await connect(sim)
  expect((await run(again, 'SELECT "v" FROM "t"')).rows).toEqual([{ v: 1 }])
})

test('a writer waits for the transaction that holds the table', async () => {
  const [first, second] = [await connect(sim), await connect(sim)]
  await sim.query('CREATE TABLE "t" ("v" INTEGER); INSERT INTO "t" VALUES (1)')
  await run(first, 'BEGIN')
  await run(first, 'UPDATE "t" SET "v" = 2')
  const waiting = run(second, 'UPDATE "t" SET "v" = 3 WHERE "v" = 2')
  await statementsArrived(3)
  await run(first, 'COMMIT')
  await waiting
  expect(await sim.query('SELECT "v" FROM "t"')).toEqual([{ v: '3' }])
})
