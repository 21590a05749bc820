import type { ChangeEvent, Operation, Row } from '@eds/core'
import { requireService } from '@eds/tool-services/vitest'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { eventOf, schemaOf } from './fixtures.js'
import { Harness } from './harness.js'
import { createTestDatabase, type TestDatabase } from './test-database.js'

const server = await requireService('mariadb')
const dayMs = 86_400_000

server.describe('with a guard', () => {
  let database: TestDatabase
  let harness: Harness
  let now = Date.now()
  const schema = schemaOf('item', { name: 'string', size: 'integer' })

  beforeAll(async () => {
    database = await createTestDatabase(server.url)
  })
  beforeEach(async () => {
    await database.query('DROP TABLE IF EXISTS item, _eds_tombstone')
    now = Date.now()
    harness = await Harness.open(`${database.url}?guard=true&tombstoneDays=2`, [schema], { now: () => now })
  })
  afterEach(() => harness.close())
  afterAll(() => database.remove())

  const change = (operation: Operation, mvcc: number, row: Row) =>
    eventOf(operation, 'item', { id: 'x', ...row }, { key: ['x'], mvcc })
  const stored = async () => (await database.readTable('item')).find(({ id }) => id === 'x')
  const filler = Array.from({ length: 64 }, (_, index) =>
    eventOf('INSERT', 'item', { id: `filler ${index}`, name: 'x', size: 0 }, { mvcc: 1 }),
  )

  it.each([
    ['many rows', filler],
    ['one row', []],
  ])('an older change never overwrites a newer one, %s', async (_, more) => {
    const apply = async (...events: ChangeEvent[]) => {
      expect(await harness.write([...more, ...events])).toEqual({})
      return stored()
    }
    const insert = change('INSERT', 10, { name: 'first', size: 1 })
    expect(await apply(insert)).toMatchObject({ name: 'first' })
    expect(await apply(change('UPDATE', 20, { name: 'second', size: 2 }))).toMatchObject({ name: 'second', size: '2' })
    expect(await apply(insert)).toMatchObject({ name: 'second' })
    expect(await apply(change('UPDATE', 15, { size: 9 }))).toMatchObject({ size: '2' })
    expect(await apply(change('DELETE', 15, {}))).toMatchObject({ name: 'second' })
    expect(await apply(change('UPDATE', 20, { name: 'second', size: 2 }))).toMatchObject({ size: '2' })
    expect(await apply(change('DELETE', 30, {}))).toBeUndefined()
    expect(await apply(insert)).toBeUndefined()
    expect(await apply(change('UPDATE', 20, { size: 2 }))).toBeUndefined()
    expect(await apply(change('DELETE', 15, {}))).toBeUndefined()
    expect(await apply(change('UPDATE', 25, { size: 2 }))).toBeUndefined()
    expect(await apply(change('INSERT', 40, { name: 'again', size: 4 }))).toMatchObject({ name: 'again' })
    expect(await apply(change('DELETE', 30, {}))).toMatchObject({ name: 'again' })
    expect(
      await apply(
        change('UPDATE', 41, { size: 1 }),
        change('DELETE', 42, {}),
        change('INSERT', 43, { name: 'once more' }),
      ),
    ).toMatchObject({
      name: 'once more',
      size: null,
    })
  })

  it('a replay of everything ends where the first run ended', async () => {
    const events = Array.from({ length: 300 }, (_, index) => {
      const [id, mvcc] = [`row ${index % 20}`, index + 1]
      if (index % 7 === 3) return eventOf('DELETE', 'item', { id }, { mvcc })
      if (index % 3 === 1) return eventOf('UPDATE', 'item', { id, size: index }, { mvcc })
      return eventOf('INSERT', 'item', { id, name: `change ${index}`, size: index }, { mvcc })
    })
    const inBatches = async (size: number, from = 0) => {
      for (let at = from; at < events.length; at += size) await harness.write(events.slice(at, at + size))
      return (await database.readTable('item')).sort((left, right) => (left.id! < right.id! ? -1 : 1))
    }
    const first = await inBatches(300)
    for (const [size, from] of [
      [1, 250],
      [7, 0],
      [100, 120],
      [300, 0],
    ] as const)
      expect(await inBatches(size, from)).toEqual(first)
    await harness.write(events.slice(0, 150).reverse())
    expect(await inBatches(300, 299)).toEqual(first)
  })

  it('compares positions as numbers, with their logical part', async () => {
    const at = (mvcc: string, name: string) => eventOf('UPDATE', 'item', { id: 'x', name }, { mvcc })
    await harness.write([at('1720732611708587506.0000000009', 'ninth')])
    await harness.write([at('1720732611708587506.0000000008', 'eighth')])
    await harness.write([at('999.5', 'much older')])
    expect(await stored()).toMatchObject({ name: 'ninth' })
    await harness.write([at('1720732611708587506.10', 'tenth')])
    expect(await stored()).toMatchObject({ name: 'tenth' })
  })

  it('updates that cannot make a row respect positions and tombstones too', async () => {
    await database.query('ALTER TABLE item MODIFY name LONGTEXT NOT NULL')
    await harness.prepare(schema)
    await harness.write([change('INSERT', 10, { name: 'there', size: 1 })])
    expect(await harness.write([change('UPDATE', 5, { size: 5 })])).toEqual({})
    expect(await stored()).toMatchObject({ size: '1' })
    expect(await harness.write([change('UPDATE', 15, { size: 15 })])).toEqual({})
    expect(await stored()).toMatchObject({ size: '15' })
    await harness.write([change('DELETE', 20, {})])
    expect(await harness.write([change('UPDATE', 18, { size: 18 })])).toEqual({})
    expect(await harness.write([change('UPDATE', 25, { size: 25 })])).toMatchObject({ failures: [{ index: 0 }] })
  })

  it('forgets deleted keys after the time given', async () => {
    const buried = () => database.query('SELECT table_name FROM _eds_tombstone')
    await harness.write([change('DELETE', 10, {})])
    expect(await buried()).toEqual([{ table_name: 'item' }])
    now += 1.5 * dayMs
    await harness.write(filler)
    expect((await buried()).length).toBe(1)
    now += dayMs
    await harness.write(filler)
    expect(await buried()).toEqual([])
  })

  it('adds the position to a table that is there, where anything is newer than nothing', async () => {
    await database.query(
      `CREATE TABLE older (id varchar(64) PRIMARY KEY, name text); INSERT INTO older VALUES ('x', 'without position')`,
    )
    await harness.prepare(schemaOf('older', { name: 'string' }))
    await harness.write([eventOf('UPDATE', 'older', { id: 'x', name: 'new' }, { mvcc: 1 })])
    expect(await database.readTable('older')).toEqual([{ id: 'x', name: 'new', _eds_mvcc: '1.0000000000' }])
    await database.query('DROP TABLE older')
  })

  it('an import begins anew: rows have positions, and nothing is buried', async () => {
    await harness.write([change('DELETE', 50, {})])
    async function* rows() {
      yield [eventOf('INSERT', 'item', { id: 'x', name: 'imported' }, { mvcc: 30, imported: true })]
    }
    await harness.driver.importer!.load({ schema, rows: rows(), mode: 'replace' }, new AbortController().signal)
    await harness.write([change('UPDATE', 20, { name: 'older than the import' })])
    expect(await stored()).toMatchObject({ name: 'imported' })
    await harness.write([change('UPDATE', 31, { name: 'newer' })])
    expect(await stored()).toMatchObject({ name: 'newer' })
  })
})
