import { type BulkLoadRequest, type ChangeEvent, EdsError } from '@eds/core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { eventOf, schemaOf } from './fixtures.js'
import { Harness, rejection } from './harness.js'
import { isSimulated, startTestServer, type TestServer } from './test-server.js'

const never = new AbortController().signal

describe('an import', () => {
  let server: TestServer
  let harness: Harness
  const schema = schemaOf('goods', { name: 'string', size: 'integer', price: 'number', ok: 'boolean', 'a]b': 'object' })
  const row = (index: number, more = {}) =>
    eventOf('INSERT', 'goods', { id: `row ${index}`, name: `näme ${index}`, size: index, ...more }, { imported: true })

  beforeAll(async () => {
    server = await startTestServer()
  })
  beforeEach(async () => {
    await server.query('DROP TABLE IF EXISTS [goods]')
    harness = new Harness(server.url)
  })
  afterAll(() => server.remove())

  async function* chunked(rows: readonly ChangeEvent[], size = 100) {
    for (let at = 0; at < rows.length; at += size) yield rows.slice(at, at + size)
  }
  const load = (rows: BulkLoadRequest['rows'], mode: BulkLoadRequest['mode'] = 'replace') =>
    harness.driver.importer!.load({ schema, rows, mode }, never)
  const many = Array.from({ length: 1_050 }, (_, index) => row(index))
  const importTables = () => server.query("SELECT [name] FROM sys.objects WHERE [name] LIKE 'eds_import%'")

  it('keeps every type of value, and columns of hostile names', async () => {
    const values = { size: -3, price: 0.1, ok: true, 'a]b': { x: [1] }, name: '🔧\u0000' }
    expect(await load(chunked([row(1, values), row(2, { price: null, ok: false })]))).toEqual({ rows: 2 })
    const [first, second] = await server.readTable('goods')
    expect(first).toMatchObject({ id: 'row 1', price: 0.1, ok: true, 'a]b': '{"x":[1]}', name: '🔧\u0000' })
    expect(String(first?.size)).toBe('-3')
    expect(second).toMatchObject({ price: null, ok: false, 'a]b': null })
  })

  it('replaces what was there, in one transaction at the end', async () => {
    await load(chunked([row(9_999)]))
    server.sim?.clearStatements()
    expect(await load(chunked(many))).toEqual({ rows: 1_050 })
    expect(await server.readTable('goods')).toHaveLength(1_050)
    expect(await importTables()).toEqual([])
    if (isSimulated) {
      expect(server.sim?.statements().filter(({ kind }) => kind === 'bulk')).toMatchObject([{ count: 1_050 }])
    }
  })

  it('that fails in the middle names the row and leaves the old table', async () => {
    await load(chunked([row(9_999)]))
    const rows = many.map((event, index) => (index === 777 ? row(777, { size: 'many' }) : event))
    expect(await rejection(load(chunked(rows)))).toMatchObject({ code: 'record', index: 777, table: 'goods' })
    expect(await server.readTable('goods')).toMatchObject([{ id: 'row 9999' }])
    expect(await importTables()).toEqual([])
  })

  it('whose rows end early leaves the old table, and the reason is kept', async () => {
    await load(chunked([row(9_999)]))
    const broken = async function* () {
      yield many
      throw new EdsError('connection', 'the file ended early')
    }
    expect(await rejection(load(broken()))).toMatchObject({ code: 'connection', message: 'the file ended early' })
    expect(await server.readTable('goods')).toHaveLength(1)
  })

  it('two equal keys are an error of the table', async () => {
    expect(await rejection(load(chunked([row(1), row(1)])))).toMatchObject({ code: 'record', table: 'goods' })
    expect(await importTables()).toEqual([])
  })

  it('merges by key, all rows or none', async () => {
    await load(chunked([row(1, { name: 'old' }), row(2, { name: 'kept' })]))
    expect(await load(chunked([row(1, { name: 'new' }), row(3)]), 'merge')).toEqual({ rows: 2 })
    const names = async () => (await server.readTable('goods')).map(({ name }) => name).sort()
    expect(await names()).toEqual(['kept', 'new', 'näme 3'])
    const failing = chunked([row(4), row(5, { size: 'many' })], 1)
    expect(await rejection(load(failing, 'merge'))).toMatchObject({ code: 'record', index: 1 })
    expect(await names()).toEqual(['kept', 'new', 'näme 3'])
  })

  it('with a guard keeps positions', async () => {
    harness = new Harness(`${server.url}?guard=true`)
    await load(chunked([row(1, { name: 'imported' })]))
    await harness.connect()
    await harness.prepare(schema)
    await harness.write([eventOf('UPDATE', 'goods', { id: 'row 1', name: 'older' }, { mvcc: 0 })])
    expect(await server.readTable('goods')).toMatchObject([{ name: 'imported' }])
    await harness.close()
  })
})
