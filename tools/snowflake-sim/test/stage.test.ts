import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Connection } from 'snowflake-sdk'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { SnowflakeSim } from '../src/index.js'
import { connect, failure, run, startAccount } from './client.js'

let sim: SnowflakeSim
let connection: Connection
const folder = mkdtempSync(join(tmpdir(), 'snowflake-sim-test-'))

beforeAll(async () => {
  sim = await startAccount()
  connection = await connect(sim)
})

afterAll(async () => {
  await sim.stop()
  rmSync(folder, { recursive: true, force: true })
})

beforeEach(async () => {
  await run(connection, 'CREATE OR REPLACE TEMPORARY STAGE "Import Stage"')
  await run(connection, 'CREATE OR REPLACE TABLE "c" ("id" INTEGER NOT NULL, "Name" STRING, "tags" VARIANT)')
})

async function put(name: string, lines: readonly string[], path = ''): Promise<void> {
  const file = join(folder, name)
  writeFileSync(file, lines.join('\n'))
  await run(connection, `PUT 'file://${file}' @"Import Stage"${path} AUTO_COMPRESS=TRUE OVERWRITE=TRUE`)
}

const copy = (options = '') =>
  `COPY INTO "EDS"."SHOP"."c" FROM @"Import Stage" FILE_FORMAT = (TYPE = JSON) MATCH_BY_COLUMN_NAME = CASE_SENSITIVE ON_ERROR = ABORT_STATEMENT ${options}`

test('the client gzips and stages a file, COPY loads it by column names and purges it', async () => {
  await put('rows.ndjson', [
    '{"id":1,"Name":"it\'s $$","tags":[1,{"a":9007199254740993}]}',
    '{"id":2,"name":"other case"}',
  ])
  expect(sim.stages()).toEqual(['Import Stage/rows.ndjson.gz'])
  const { rows } = await run(connection, copy('PURGE = TRUE'))
  expect(rows).toMatchObject([{ file: 'rows.ndjson.gz', status: 'LOADED', rows_loaded: 2 }])
  expect(sim.stages()).toEqual([])
  expect(await sim.query('SELECT * FROM "c" ORDER BY "id"')).toEqual([
    { id: '1', Name: "it's $$", tags: '[1,{"a":9007199254740993}]' },
    { id: '2', Name: null, tags: null },
  ])
})

test('a bad value aborts the whole COPY and leaves the files; the same file is never loaded twice', async () => {
  await put('a.ndjson', ['{"id":1}'], '/part')
  await put('b.ndjson', ['{"id":"x"}'], '/part')
  expect(await failure(run(connection, copy('PURGE = TRUE')))).toMatchObject({ code: '100038' })
  expect(await sim.query('SELECT COUNT(*) AS C FROM "c"')).toEqual([{ C: '0' }])
  expect(sim.stages()).toHaveLength(2)
  await run(connection, 'REMOVE @"Import Stage"/part/b.ndjson.gz')
  await run(connection, copy())
  const again = await run(connection, copy())
  expect(again.rows).toEqual([{ status: 'Copy executed with 0 files processed.' }])
  expect(await sim.query('SELECT "id" FROM "c"')).toEqual([{ id: '1' }])
  await run(connection, 'REMOVE @"Import Stage"')
  expect(sim.stages()).toEqual([])
})

test('a missing field of a NOT NULL column, unknown options and a missing stage are refused', async () => {
  await put('a.ndjson', ['{"Name":"no id"}'])
  expect(await failure(run(connection, copy()))).toMatchObject({ code: '100072' })
  expect(await failure(run(connection, copy('TRUNCATECOLUMNS = TRUE')))).toMatchObject({ code: '001003' })
  await run(connection, 'DROP STAGE IF EXISTS "Import Stage"')
  expect(sim.stages()).toEqual([])
  expect(await failure(run(connection, 'REMOVE @"Import Stage"'))).toMatchObject({ code: '002003', sqlState: '02000' })
})
