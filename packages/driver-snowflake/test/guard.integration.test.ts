import type { ChangeEvent, Operation, Row } from '@eds/core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { eventOf, schemaOf } from './fixtures.js'
import { Harness } from './harness.js'
import { createTestDatabase, type TestDatabase } from './test-database.js'

const dayMs = 86_400_000
const never = new AbortController().signal

describe('with a guard', () => {
  let database: TestDatabase
  let harness: Harness
  let now = Date.now()
  const schema = schemaOf('item', { name: 'string', size: 'integer' })

  beforeAll(async () => {
    database = await createTestDatabase()
  })
  beforeEach(async () => {
    for (const table of ['item', '_eds_tombstone']) await database.query(`DROP TABLE IF EXISTS ${database.name(table)}`)
    now = Date.now()
    harness = await Harness.open(`${database.url}&guard=true&tombstoneDays=2`, [schema], { now: () => now })
  })
  afterEach(() => harness.close())
  afterAll(() => database.remove())

  const change = (operation: Operation, mvcc: number, row: Row) =>
    eventOf(operation, 'item', { id: 'x', ...row }, { key: ['x'], mvcc })
  const stored = async () => (await database.readTable('item')).find(({ id }) => id === 'x')

  it('an older change never overwrites a newer one, nor does it bring a deleted row back', async () => {
    const apply = async (...events: ChangeEvent[]) => {
      expect(await harness.write(events)).toEqual({})
      return stored()
    }
    const insert = change('INSERT', 10, { name: 'first', size: 1 })
    expect(await apply(insert)).toMatchObject({ name: 'first' })
    expect(await apply(change('UPDATE', 20, { name: 'second' }))).toMatchObject({ name: 'second', size: '1' })
    expect(await apply(insert)).toMatchObject({ name: 'second' })
    expect(await apply(change('UPDATE', 15, { size: 9 }))).toMatchObject({ size: '1' })
    expect(await apply(change('DELETE', 15, {}))).toMatchObject({ name: 'second' })
    expect(await apply(change('DELETE', 30, {}))).toBeUndefined()
    expect(await apply(insert)).toBeUndefined()
    expect(await apply(change('UPDATE', 25, { size: 2 }))).toBeUndefined()
    expect(await apply(change('INSERT', 40, { name: 'again', size: 4 }))).toMatchObject({ name: 'again' })
    const folded = [change('UPDATE', 41, { size: 1 }), change('DELETE', 42, {}), change('INSERT', 43, { name: 'more' })]
    expect(await apply(...folded)).toMatchObject({ name: 'more', size: null })
  })

  it('a replay of everything, in batches of any size, ends where the first run ended', async () => {
    const events = Array.from({ length: 200 }, (_, index) => {
      const [id, mvcc] = [`row ${index % 15}`, index + 1]
      if (index % 7 === 3) return eventOf('DELETE', 'item', { id }, { mvcc })
      if (index % 3 === 1) return eventOf('UPDATE', 'item', { id, size: index }, { mvcc })
      return eventOf('INSERT', 'item', { id, name: `change ${index}`, size: index }, { mvcc })
    })
    const inBatches = async (size: number, from = 0) => {
      for (let at = from; at < events.length; at += size) await harness.write(events.slice(at, at + size))
      return (await database.readTable('item')).sort((left, right) => (String(left.id) < String(right.id) ? -1 : 1))
    }
    const first = await inBatches(200)
    expect(await inBatches(1, 180)).toEqual(first)
    expect(await inBatches(11)).toEqual(first)
    expect(await inBatches(200)).toEqual(first)
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

  it('forgets deleted keys after the time given', async () => {
    const buried = () => database.readTable('_eds_tombstone')
    await harness.write([change('DELETE', 10, {})])
    expect(await buried()).toMatchObject([{ key: '["x"]', table_name: 'item' }])
    const other = eventOf('INSERT', 'item', { id: 'other' }, { mvcc: 1 })
    now += 1.5 * dayMs
    await harness.write([other])
    expect((await buried()).length).toBe(1)
    now += dayMs
    await harness.write([other])
    expect(await buried()).toEqual([])
  })

  it('adds the position to a table that is there, where anything is newer than nothing', async () => {
    const table = database.name('older')
    await database.query(`CREATE TABLE ${table} ("id" STRING NOT NULL, "name" STRING, PRIMARY KEY ("id"))`)
    await database.query(`INSERT INTO ${table} ("id", "name") VALUES ('x', 'without position')`)
    await harness.prepare(schemaOf('older', { name: 'string' }))
    await harness.write([eventOf('UPDATE', 'older', { id: 'x', name: 'new' }, { mvcc: 1 })])
    expect(await database.readTable('older')).toEqual([{ id: 'x', name: 'new', _eds_mvcc: '1.0000000000' }])
  })

  it('an import begins anew: rows have positions, and nothing is buried', async () => {
    await harness.write([change('DELETE', 50, {})])
    async function* rows() {
      yield [eventOf('INSERT', 'item', { id: 'x', name: 'imported' }, { mvcc: 20, imported: true })]
    }
    await harness.driver.importer!.load({ schema, rows: rows(), mode: 'replace' }, never)
    expect(await database.readTable('_eds_tombstone')).toEqual([])
    await harness.prepare(schema)
    await harness.write([change('UPDATE', 10, { name: 'older' })])
    expect(await stored()).toMatchObject({ name: 'imported' })
    await harness.write([change('UPDATE', 30, { name: 'newer' })])
    expect(await stored()).toMatchObject({ name: 'newer' })
  })
})
