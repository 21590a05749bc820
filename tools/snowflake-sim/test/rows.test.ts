import type { Connection } from 'snowflake-sdk'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { SnowflakeSim } from '../src/index.js'
import { connect, failure, run, startAccount } from './client.js'

let sim: SnowflakeSim
let connection: Connection

beforeAll(async () => {
  sim = await startAccount()
  connection = await connect(sim)
})

afterAll(async () => {
  await sim.stop()
})

test('names the session and its position', async () => {
  const { rows } = await run(
    connection,
    'SELECT CURRENT_VERSION(), CURRENT_DATABASE() AS D, CURRENT_SCHEMA() AS S, CURRENT_WAREHOUSE() AS W, CURRENT_ROLE() AS R',
  )
  expect(rows[0]).toMatchObject({ D: 'EDS', S: 'SHOP', W: 'LOAD', R: 'WRITER' })
})

test('keeps quoted names of different case apart', async () => {
  await run(connection, 'CREATE TABLE "EDS"."SHOP"."n" ("a" STRING, "A" INTEGER, "x ""y"" $$" BOOLEAN)')
  await run(connection, 'CREATE TABLE "EDS"."SHOP"."N" ("a" STRING)')
  await run(connection, 'INSERT INTO "n" ("a", "A", "x ""y"" $$") VALUES (?, ?, ?)', ["it's $$ ; --", 7, true])
  const { rows } = await run(connection, 'SELECT * FROM "EDS"."SHOP"."n"')
  expect(rows).toEqual([{ a: "it's $$ ; --", A: 7, 'x "y" $$': true }])
  expect((await run(connection, 'SELECT COUNT(*) AS C FROM "N"')).rows).toEqual([{ C: 0 }])
})

test('array binds insert a row each in one statement', async () => {
  await run(connection, 'CREATE TEMPORARY TABLE "stage" ("k" STRING, "n" INTEGER)')
  sim.clearStatements()
  const binds = Array.from({ length: 40_000 }, (_, index) => [`key ${index}`, index])
  const { statement } = await run(connection, 'INSERT INTO "stage" ("k", "n") VALUES (?, ?)', binds)
  expect(statement.getNumUpdatedRows()).toBe(40_000)
  expect(sim.statements()).toMatchObject([{ bindRows: 40_000 }])
  expect((await run(connection, 'SELECT COUNT(*) AS C, MAX("n") AS M FROM "stage"')).rows).toEqual([
    { C: 40_000, M: 39_999 },
  ])
})

test('merges a batch: deletes, updates and inserts, each counted', async () => {
  await sim.query(`CREATE TABLE "m" ("id" INTEGER NOT NULL, "name" STRING, "tags" VARIANT, PRIMARY KEY ("id"));
    INSERT INTO "m" SELECT COLUMN1, COLUMN2, PARSE_JSON(COLUMN3) FROM VALUES (1, 'one', '[1]'), (2, 'two', '{}'), (3, 'three', NULL)`)
  await run(
    connection,
    'CREATE OR REPLACE TEMPORARY TABLE "batch" ("op" STRING, "c0" STRING, "c1" STRING, "c2" STRING)',
  )
  await run(connection, 'INSERT INTO "batch" VALUES (?, ?, ?, ?)', [
    ['d', '1', null, null],
    ['u', '2', 'deux', '{"b":1,"a":9007199254740993}'],
    ['u', '4', 'four', '[true]'],
    ['d', '5', null, null],
  ])
  const { rows, statement } = await run(
    connection,
    `MERGE INTO "EDS"."SHOP"."m" AS t USING (
       SELECT "op", "c0"::NUMBER(38,0) AS "c0", "c1", PARSE_JSON("c2") AS "c2" FROM "batch" AS s WHERE s."op" IN ('d', 'u')
     ) AS s ON t."id" = s."c0"
     WHEN MATCHED AND s."op" = 'd' THEN DELETE
     WHEN MATCHED AND (t."name" IS DISTINCT FROM s."c1" OR NOT EQUAL_NULL(t."tags", s."c2")) THEN UPDATE SET "name" = s."c1", t."tags" = s."c2"
     WHEN NOT MATCHED AND s."op" <> 'd' THEN INSERT ("id", "name", "tags") VALUES (s."c0", s."c1", s."c2")`,
  )
  expect(rows).toEqual([{ 'number of rows inserted': 1, 'number of rows updated': 1, 'number of rows deleted': 1 }])
  expect(statement.getNumUpdatedRows()).toBe(3)
  expect(await sim.query('SELECT * FROM "m" ORDER BY "id"')).toEqual([
    { id: '2', name: 'deux', tags: '{"a":9007199254740993,"b":1}' },
    { id: '3', name: 'three', tags: null },
    { id: '4', name: 'four', tags: '[true]' },
  ])
})

test('a merge that would update a row twice is refused and changes nothing', async () => {
  await sim.query(`CREATE TABLE "twice" ("id" INTEGER, "v" STRING); INSERT INTO "twice" VALUES (1, 'old')`)
  const merge = `MERGE INTO "twice" t USING (SELECT COLUMN1 AS "id", COLUMN2 AS "v" FROM VALUES (1, 'a'), (1, 'b')) s ON t."id" = s."id"
    WHEN MATCHED THEN UPDATE SET "v" = s."v"`
  expect(await failure(run(connection, merge))).toMatchObject({ code: '100090', sqlState: '42P18' })
  expect(await sim.query('SELECT "v" FROM "twice"')).toEqual([{ v: 'old' }])
})

test('DELETE USING, UPDATE FROM, LEFT JOIN and NOT EXISTS', async () => {
  await sim.query(`CREATE TABLE "t" ("k" STRING, "v" INTEGER); CREATE TABLE "s" ("k" STRING, "v" INTEGER);
    INSERT INTO "t" VALUES ('a', 1), ('b', 2), ('c', 3); INSERT INTO "s" VALUES ('a', 10), ('c', 30), ('z', 0)`)
  const missing = 'SELECT s."k" FROM "s" s LEFT JOIN "t" t ON t."k" = s."k" WHERE t."k" IS NULL'
  expect((await run(connection, missing)).rows).toEqual([{ k: 'z' }])
  const absent = 'SELECT s."k" FROM "s" AS s WHERE NOT EXISTS (SELECT 1 FROM "t" AS t WHERE t."k" = s."k")'
  expect((await run(connection, absent)).rows).toEqual([{ k: 'z' }])
  await run(connection, 'UPDATE "t" AS t SET "v" = s."v" FROM "s" AS s WHERE t."k" = s."k"')
  await run(connection, 'DELETE FROM "t" AS t USING "s" AS s WHERE t."k" = s."k" AND s."v" = ?', [30])
  expect(await sim.query('SELECT * FROM "t" ORDER BY "k"')).toEqual([
    { k: 'a', v: '10' },
    { k: 'b', v: '2' },
  ])
})

test('a rollback undoes, a commit keeps, and DDL commits', async () => {
  await sim.query('CREATE TABLE "tx" ("v" INTEGER)')
  await run(connection, 'BEGIN')
  await run(connection, 'INSERT INTO "tx" VALUES (1)')
  expect(await sim.query('SELECT COUNT(*) AS C FROM "tx"')).toEqual([{ C: '0' }])
  await run(connection, 'ROLLBACK')
  await run(connection, 'BEGIN TRANSACTION')
  await run(connection, 'INSERT INTO "tx" VALUES (2)')
  await run(connection, 'ALTER TABLE "tx" ADD COLUMN IF NOT EXISTS "w" STRING, "x" VARIANT')
  await run(connection, 'ROLLBACK')
  expect(await sim.query('SELECT * FROM "tx"')).toEqual([{ v: '2', w: null, x: null }])
})

test('swaps, renames, truncates and drops', async () => {
  await sim.query(`CREATE TABLE "one" ("v" INTEGER); CREATE TABLE "two" ("v" INTEGER); INSERT INTO "two" VALUES (2)`)
  await run(connection, 'ALTER TABLE "one" SWAP WITH "two"')
  expect(await sim.query('SELECT "v" FROM "one"')).toEqual([{ v: '2' }])
  await run(connection, 'ALTER TABLE "one" RENAME TO "three"')
  await run(connection, 'TRUNCATE TABLE IF EXISTS "three"')
  expect(await sim.query('SELECT "v" FROM "three"')).toEqual([])
  await run(connection, 'DROP TABLE IF EXISTS "three"')
  await run(connection, 'DROP TABLE IF EXISTS "three"')
  expect(await failure(run(connection, 'DROP TABLE "three"'))).toMatchObject({ code: '002003', sqlState: '42S02' })
})

test('describes tables, columns and primary keys', async () => {
  await sim.query(
    'CREATE TABLE "described" ("id" NUMBER(12,2) NOT NULL, "at" TIMESTAMP_NTZ(6), "s" VARCHAR(64), PRIMARY KEY ("id"))',
  )
  const columns = `SELECT TABLE_NAME, COLUMN_NAME, DATA_TYPE, IS_NULLABLE, CHARACTER_MAXIMUM_LENGTH, NUMERIC_PRECISION, NUMERIC_SCALE, DATETIME_PRECISION
    FROM "EDS".INFORMATION_SCHEMA.COLUMNS WHERE TABLE_SCHEMA = ? AND TABLE_NAME IN (?, ?) ORDER BY ORDINAL_POSITION`
  const { rows } = await run(connection, columns, ['SHOP', 'described', 'other'])
  expect(rows).toMatchObject([
    { COLUMN_NAME: 'id', DATA_TYPE: 'NUMBER', IS_NULLABLE: 'NO', NUMERIC_PRECISION: 12, NUMERIC_SCALE: 2 },
    { COLUMN_NAME: 'at', DATA_TYPE: 'TIMESTAMP_NTZ', IS_NULLABLE: 'YES', DATETIME_PRECISION: 6 },
    { COLUMN_NAME: 's', DATA_TYPE: 'TEXT', CHARACTER_MAXIMUM_LENGTH: 64 },
  ])
  const keys = await run(connection, 'SHOW PRIMARY KEYS IN TABLE "EDS"."SHOP"."described"')
  expect(keys.rows).toMatchObject([{ column_name: 'id', key_sequence: 1 }])
})
