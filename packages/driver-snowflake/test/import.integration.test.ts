import { readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import type { ChangeEvent, TableSchema } from '@eds/core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { eventOf, schemaOf } from './fixtures.js'
import { Harness, rejection } from './harness.js'
import { createSimulatedDatabase, type SimulatedDatabase } from './test-database.js'

const never = new AbortController().signal

describe('importing', () => {
  let database: SimulatedDatabase
  let harness: Harness

  beforeAll(async () => {
    database = await createSimulatedDatabase()
    harness = await Harness.open(database.url)
  })
  afterEach(async () => {
    expect(database.sim.refused()).toEqual([])
    expect(database.sim.stages()).toEqual([])
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith('eds-snowflake-'))).toEqual([])
    const tables = await database.query('SELECT TABLE_NAME FROM SHOP.INFORMATION_SCHEMA.TABLES')
    expect(tables.filter(({ TABLE_NAME }) => String(TABLE_NAME).startsWith('_eds_import'))).toEqual([])
  })
  afterAll(async () => {
    await harness.close()
    await database.remove()
  })

  const rowsOf = (table: string, count: number, name = 'imported') =>
    Array.from({ length: count }, (_, index) => {
      const row = { id: `r${index}`, name: `${name}\t\\ $$ ' " ${index}\u0000`, size: index, tags: null, ratio: 0.5 }
      return eventOf('INSERT', table, row, { imported: true })
    })

  async function* inChunks(rows: readonly ChangeEvent[], size = 1_000) {
    for (let from = 0; from < rows.length; from += size) yield rows.slice(from, from + size)
  }

  const load = (schema: TableSchema, rows: readonly ChangeEvent[], mode: 'replace' | 'merge', signal = never) =>
    harness.driver.importer!.load({ schema, rows: inChunks(rows), mode }, signal)

  const itemOf = (table: string) =>
    schemaOf(table, { name: 'string', size: 'integer', tags: 'array!', ratio: 'number', at: 'date-time' })

  it.each(['replace', 'merge'] as const)('%s stores every value as it is', async (mode) => {
    const schema = itemOf(`my "${mode}"`)
    expect(await load(schema, rowsOf(schema.table, 3_000), mode)).toEqual({ rows: 3_000 })
    const rows = await database.readTable(schema.table)
    expect(rows.length).toBe(3_000)
    expect(rows.find(({ id }) => id === 'r2999')).toEqual({
      id: 'r2999',
      name: `imported\t\\ $$ ' " 2999\u0000`,
      size: '2999',
      tags: '[]',
      ratio: '0.5',
      at: null,
    })
  })

  it('replace makes the table anew, columns and all, also without rows', async () => {
    const table = database.name('shaped')
    await database.query(`CREATE TABLE ${table} ("id" STRING, "legacy" STRING)`)
    await database.query(`INSERT INTO ${table} ("id", "legacy") VALUES ('x', 'old')`)
    await load(itemOf('shaped'), rowsOf('shaped', 1), 'replace')
    expect((await database.readTable('shaped')).map((row) => Object.keys(row).sort())).toEqual([
      ['at', 'id', 'name', 'ratio', 'size', 'tags'],
    ])
    expect(await load(itemOf('shaped'), [], 'replace')).toEqual({ rows: 0 })
    expect(await database.readTable('shaped')).toEqual([])
  })

  it('merge keeps other rows and columns, and the last of two rows wins', async () => {
    const table = database.name('merged')
    await database.query(
      `CREATE TABLE ${table} ("id" STRING NOT NULL, "size" NUMBER(10,2), "own" STRING, PRIMARY KEY ("id"))`,
    )
    await database.query(`INSERT INTO ${table} ("id", "size", "own") VALUES ('r1', 0, 'kept'), ('z', 9, 'kept')`)
    await load(itemOf('merged'), [...rowsOf('merged', 1_500), ...rowsOf('merged', 2, 'repeated')], 'merge')
    const stored = await database.readTable('merged')
    expect(stored.length).toBe(1_501)
    expect(stored.find(({ id }) => id === 'r1')).toMatchObject({ size: '1.00', own: 'kept', tags: '[]' })
    expect(String(stored.find(({ id }) => id === 'r1')?.name)).toContain('repeated')
    expect(stored.find(({ id }) => id === 'z')).toMatchObject({ own: 'kept' })
  })

  it.each(['replace', 'merge'] as const)(
    '%s leaves what was there when a row is at fault, and says which',
    async (mode) => {
      const schema = itemOf(`faulty ${mode}`)
      await load(schema, rowsOf(schema.table, 5, 'before'), 'replace')
      const before = await database.readTable(schema.table)
      const broken = rowsOf(schema.table, 2_000).with(
        1_500,
        eventOf('INSERT', schema.table, { id: 'bad', size: 'many' }, { imported: true }),
      )
      expect(await rejection(load(schema, broken, mode))).toMatchObject({
        code: 'record',
        index: 1_500,
        table: schema.table,
      })
      expect(await database.readTable(schema.table)).toEqual(before)
    },
  )

  it('replace refuses a key that comes twice, because the service would not', async () => {
    const schema = schemaOf('twice "quoted"', {})
    const rows = ['a', 'b', 'a'].map((id) => eventOf('INSERT', schema.table, { id }, { imported: true }))
    expect(await rejection(load(schema, rows, 'replace'))).toMatchObject({ code: 'record', table: schema.table })
    const found = await database.query('SELECT TABLE_NAME FROM SHOP.INFORMATION_SCHEMA.TABLES')
    expect(found.filter(({ TABLE_NAME }) => TABLE_NAME === schema.table)).toEqual([])
  })

  it('replace cleans up when whoever gives the rows fails', async () => {
    const schema = itemOf('failing')
    await load(schema, rowsOf(schema.table, 3, 'before'), 'replace')
    const before = await database.readTable(schema.table)
    async function* failing() {
      yield rowsOf(schema.table, 3)
      throw new Error('the reader failed')
    }
    const request = { schema, rows: failing(), mode: 'replace' as const }
    expect(await rejection(harness.driver.importer!.load(request, never))).toMatchObject({
      message: 'the reader failed',
    })
    expect(await database.readTable(schema.table)).toEqual(before)
  })

  it.each(['replace', 'merge'] as const)('%s ends when it is given up, and leaves what was there', async (mode) => {
    const schema = itemOf(`given up ${mode}`)
    await load(schema, rowsOf(schema.table, 5, 'before'), 'replace')
    const before = await database.readTable(schema.table)
    const abort = new AbortController()
    async function* endless() {
      for (let chunk = 0; ; chunk++) {
        if (chunk === 3) abort.abort()
        yield rowsOf(schema.table, 100, `chunk ${chunk}`)
      }
    }
    const request = { schema, rows: endless(), mode }
    const error = await rejection(harness.driver.importer!.load(request, abort.signal))
    expect(error).toMatchObject({ code: 'connection' })
    expect(await database.readTable(schema.table)).toEqual(before)
  })

  it('replace cleans up on another session when its own was ended', async () => {
    const schema = itemOf('ended')
    await load(schema, rowsOf(schema.table, 3, 'before'), 'replace')
    const before = await database.readTable(schema.table)
    async function* ending() {
      yield rowsOf(schema.table, 3)
      database.sim.endSessions()
    }
    const request = { schema, rows: ending(), mode: 'replace' as const }
    expect(await rejection(harness.driver.importer!.load(request, never))).toMatchObject({ code: 'connection' })
    expect(await database.readTable(schema.table)).toEqual(before)
    await harness.connect()
  })

  it('several tables load at the same time, next to the stream', async () => {
    const schemas = ['load one', 'load two', 'load three'].map(itemOf)
    const live = itemOf('live')
    await harness.prepare(live)
    const results = await Promise.all([
      ...schemas.map((schema) => load(schema, rowsOf(schema.table, 500), 'replace')),
      harness.write(rowsOf('live', 200)),
    ])
    expect(results).toEqual([{ rows: 500 }, { rows: 500 }, { rows: 500 }, {}])
    for (const { table } of schemas) expect((await database.readTable(table)).length).toBe(500)
  })
})
