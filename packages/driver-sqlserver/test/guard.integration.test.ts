import type { ChangeEvent, Operation, Row } from '@eds/core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { eventOf, schemaOf } from './fixtures.js'
import { Harness } from './harness.js'
import { startTestServer, type TestServer } from './test-server.js'

const dayMs = 86_400_000

describe('with a guard', () => {
  let server: TestServer
  let harness: Harness
  let now = Date.now()
  const schema = schemaOf('item', { name: 'string', size: 'integer' })

  beforeAll(async () => {
    server = await startTestServer()
  })
  beforeEach(async () => {
    await server.query('DROP TABLE IF EXISTS [item]; DROP TABLE IF EXISTS [_eds_tombstone]')
    now = Date.now()
    harness = await Harness.open(`${server.url}?guard=true&tombstoneDays=2`, [schema], { now: () => now })
  })
  afterEach(() => harness.close())
  afterAll(() => server.remove())

  const change = (operation: Operation, mvcc: number, row: Row) =>
    eventOf(operation, 'item', { id: 'x', ...row }, { key: ['x'], mvcc })
  const stored = async () => (await server.readTable('item')).find(({ id }) => id === 'x')

  it('an older change never overwrites a newer one', async () => {
    const apply = async (...events: ChangeEvent[]) => {
      expect(await harness.write(events)).toEqual({})
      return stored()
    }
    const insert = change('INSERT', 10, { name: 'first', size: 1 })
    expect(await apply(insert)).toMatchObject({ name: 'first' })
    expect(await apply(change('UPDATE', 20, { name: 'second', size: 2 }))).toMatchObject({ name: 'second' })
    expect(await apply(insert)).toMatchObject({ name: 'second' })
    expect(await apply(change('UPDATE', 15, { name: 'older' }))).toMatchObject({ name: 'second' })
    expect(await apply(change('DELETE', 15, {}))).toMatchObject({ name: 'second' })
    expect(await apply(change('UPDATE', 20, { name: 'same' }))).toMatchObject({ name: 'same' })
    expect(await apply(change('DELETE', 30, {}))).toBeUndefined()
    expect(await apply(insert)).toBeUndefined()
    expect(await apply(change('UPDATE', 20, { size: 2 }))).toBeUndefined()
    expect(await apply(change('DELETE', 15, {}))).toBeUndefined()
    expect(await apply(change('UPDATE', 25, { size: 2 }))).toBeUndefined()
    expect(await apply(change('INSERT', 40, { name: 'again', size: 4 }))).toMatchObject({ name: 'again' })
    expect(
      await apply(
        change('UPDATE', 41, { size: 1 }),
        change('DELETE', 42, {}),
        change('INSERT', 43, { name: 'once more' }),
      ),
    ).toMatchObject({ name: 'once more', size: null })
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
      return (await server.readTable('item')).sort((left, right) => (String(left.id) < String(right.id) ? -1 : 1))
    }
    const first = await inBatches(300)
    expect(first.length).toBeGreaterThan(5)
    expect(await inBatches(7)).toEqual(first)
    expect(await inBatches(50, 150)).toEqual(first)
  })

  it('deleted keys are forgotten after their time, long ones too', async () => {
    await harness.write([eventOf('DELETE', 'item', { id: 'k'.repeat(255) }, { mvcc: 5 }), change('DELETE', 5, {})])
    expect(await server.query('SELECT * FROM [_eds_tombstone]')).toHaveLength(2)
    expect(await harness.write([eventOf('INSERT', 'item', { id: 'k'.repeat(255), name: 'old' }, { mvcc: 4 })])).toEqual(
      {},
    )
    expect(await server.readTable('item')).toEqual([])
    now += 3 * dayMs
    await harness.write([change('INSERT', 4, { name: 'old' })])
    expect(await server.query('SELECT * FROM [_eds_tombstone]')).toEqual([])
    expect(await stored()).toMatchObject({ name: 'old' })
  })

  it('a table without the column gets it', async () => {
    await server.query('CREATE TABLE [plain] ([id] NVARCHAR(64) NOT NULL PRIMARY KEY, [name] NVARCHAR(MAX))')
    await server.query("INSERT INTO [plain] ([id], [name]) VALUES (N'x', N'there before')")
    await harness.prepare(schemaOf('plain', { name: 'string' }))
    const plain = (mvcc: number, name: string) => eventOf('UPDATE', 'plain', { id: 'x', name }, { mvcc })
    await harness.write([plain(7, 'new')])
    await harness.write([plain(6, 'old')])
    expect(await server.readTable('plain')).toMatchObject([{ id: 'x', name: 'new' }])
  })
})
