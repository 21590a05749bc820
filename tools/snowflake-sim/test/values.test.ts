import type { Bind, Connection } from 'snowflake-sdk'
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

/** Stores one bound value in a column of a type and reads it back with all its digits. */
async function store(type: string, value: Bind, expression = '?') {
  await run(connection, `CREATE OR REPLACE TABLE "v" ("x" ${type})`)
  await run(connection, `INSERT INTO "v" SELECT ${expression}`, [value])
  return (await sim.query('SELECT "x" FROM "v"'))[0]?.x
}

const big = '99999999999999999999999999999999999999'

test.each([
  ['INTEGER', big, big],
  ['INTEGER', `-${big}`, `-${big}`],
  ['INTEGER', '1E+3', '1000'],
  ['NUMBER(10,2)', '1.005', '1.01'],
  ['NUMBER(10,2)', '-1.005', '-1.01'],
  ['FLOAT', '1e300', '1e+300'],
  ['BOOLEAN', 'true', true],
  ['STRING', 'a\0b', 'a\0b'],
  ['STRING', '', ''],
  ['STRING', '😀 \' $$ \\ "', '😀 \' $$ \\ "'],
  ['STRING', '\ud800', '\ufffd'],
  ['DATE', '1969-12-31', '1969-12-31'],
  ['TIMESTAMP_NTZ(9)', '1969-12-31T23:59:59.123456789Z', '1969-12-31 23:59:59.123456789'],
  ['TIMESTAMP_NTZ(9)', '2024-02-29T01:00:00+02:00', '2024-02-29 01:00:00.000000000'],
  ['TIMESTAMP_LTZ(9)', '2024-02-29T01:00:00+02:00', '2024-02-28 23:00:00.000000000 +0000'],
  ['TIMESTAMP_TZ(9)', '9999-12-31T23:59:59.999999999-01:30', '9999-12-31 23:59:59.999999999 -0130'],
  ['TIMESTAMP_NTZ(3)', '2024-01-01 00:00:00.123999', '2024-01-01 00:00:00.123000000'],
  ['BINARY', '00ff', '00FF'],
])('%s keeps %j', async (type, value, expected) => {
  expect(await store(type, value)).toBe(expected)
})

test.each([
  ['INTEGER', 'abc', '100038'],
  ['INTEGER', `${big}0`, '100039'],
  ['NUMBER(3,1)', '100', '100039'],
  ['BOOLEAN', 'maybe', '100037'],
  ['TIMESTAMP_NTZ', '2024-02-30T00:00:00Z', '100035'],
  ['DATE', 'today', '100040'],
  ['VARCHAR(3)', 'four', '100078'],
  ['STRING', 'é'.repeat(9_000_000), '100078'],
  ['STRING NOT NULL', null, '100072'],
  ['VARIANT', '{"a":1}', '002023'],
])('%s refuses its bad value with a code', async (type, value, code) => {
  expect(await failure(store(type, value))).toMatchObject({ code })
})

test('a variant keeps exact numbers, tells JSON null from NULL and refuses bad JSON', async () => {
  expect(await store('VARIANT', '{"b":[1,2.50],"a":12345678901234567890}', 'PARSE_JSON(?)')).toBe(
    '{"a":12345678901234567890,"b":[1,2.5]}',
  )
  expect(await store('VARIANT', 'null', 'PARSE_JSON(?)')).toBe('null')
  expect(await failure(store('VARIANT', '{', 'PARSE_JSON(?)'))).toMatchObject({ code: '100069', sqlState: '22P02' })
})

test('the client reads every type', async () => {
  await sim.query(`CREATE OR REPLACE TABLE "all" ("i" INTEGER, "f" FLOAT, "b" BOOLEAN, "d" DATE, "n" TIMESTAMP_NTZ, "z" TIMESTAMP_TZ, "v" VARIANT, "o" OBJECT, "a" ARRAY, "x" BINARY);
    INSERT INTO "all" SELECT 7, 1.5, TRUE, '2024-02-29', '1969-12-31 23:59:59.5', '2024-01-01T00:00:00+02:00', PARSE_JSON('{"k":[1]}'), PARSE_JSON('{"k":2}'), PARSE_JSON('[3]'), '0aff'`)
  const [row] = (await run(connection, 'SELECT * FROM "all"')).rows
  expect(row).toMatchObject({ i: 7, f: 1.5, b: true, v: { k: [1] }, o: { k: 2 }, a: [3] })
  expect((row?.d as Date | undefined)?.toISOString()).toBe('2024-02-29T00:00:00.000Z')
  expect((row?.n as Date | undefined)?.toISOString()).toBe('1969-12-31T23:59:59.500Z')
  expect((row?.z as Date | undefined)?.toISOString()).toBe('2023-12-31T22:00:00.000Z')
  expect(Buffer.from(row?.x as Buffer).toString('hex')).toBe('0aff')
})

test.each([
  ["TRY_CAST('x' AS INTEGER)", null],
  ["CAST('12' AS NUMBER(5,1))", 12],
  ["COALESCE(NULL, 'a')", 'a'],
  ["IFF(1 > 2, 'yes', 'no')", 'no'],
  ["CASE WHEN NULL = 1 THEN 'x' ELSE 'y' END", 'y'],
  ['NULL IN (1, 2)', null],
  ['1 NOT IN (2, NULL)', null],
  ['NOT (1 = 1 AND 2 = 3)', true],
  ["TO_VARIANT('a')", 'a'],
  ['PARSE_JSON(\'{"a":{"B":5}}\'):a:B::INTEGER', 5],
  ["'a' || 1", 'a1'],
])('%s is %j', async (expression, expected) => {
  expect((await run(connection, `SELECT ${expression} AS X`)).rows).toEqual([{ X: expected }])
})
