import { type PrivateServer, startPostgres } from '@eds/tool-services'
import { requireExecutable, requireService } from '@eds/tool-services/vitest'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type CaptureMode, postgres } from '../src/index.js'
import { delivering } from './support/delivering.js'
import { DeliveringChild } from './support/delivering-child.js'
import { ShopTables } from './support/shop-tables.js'
import { TestDatabase } from './support/test-database.js'

const events = Number(process.env.EDS_TEST_EVENTS ?? 1_000)
const modes: readonly CaptureMode[] = ['triggers', 'replication']
const shared = await requireService('postgres')
const executable = await requireExecutable('postgres')
const options = {
  seed: 11,
  events,
  tables: ['order', 'label', 'labor_matrix_range', 'vehicle_owner'],
}

/** Every row of every table as text, sorted, so that two databases can be compared. */
async function contents(database: TestDatabase, tables: readonly string[]): Promise<string[]> {
  const lines: string[] = []
  for (const table of tables) {
    const rows = await database.readTable(table).catch(() => [])
    for (const row of rows)
      lines.push(`${table} ${JSON.stringify(Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1)))}`)
  }
  return lines.sort()
}

async function expectSame(source: TestDatabase, target: TestDatabase, tables: readonly string[]): Promise<void> {
  const expected = await contents(source, tables)
  expect(expected.length).toBeGreaterThan(events / 10)
  await expect
    .poll(async () => (await contents(target, tables)).join('\n') === expected.join('\n'), {
      timeout: 40_000,
      interval: 200,
    })
    .toBe(true)
}

shared.describe('the workload of a repair shop', () => {
  it.each(modes)('written while the source reads by %s, ends in equal tables', async (mode) => {
    const source = await TestDatabase.create(shared.url)
    const target = await TestDatabase.create(shared.url)
    const shop = new ShopTables(source, options)
    await shop.create()
    const stop = new AbortController()
    const running = delivering(postgres({ url: source.url, mode }), target.url).run({ signal: stop.signal })
    await shop.write()
    await expectSame(source, target, shop.names)
    stop.abort()
    await running
    await source.remove()
    await target.remove()
  })
})

executable.describe(
  'the workload of a repair shop, with the reading process killed five times and the database once',
  () => {
    let server: PrivateServer
    let child: DeliveringChild | undefined
    beforeAll(async () => {
      server = await startPostgres()
    })
    afterEach(() => child?.kill())
    afterAll(() => server.remove())

    describe.each(modes)('by %s', (mode) => {
      it('ends in equal tables', { timeout: 180_000 }, async () => {
        const source = await TestDatabase.create(server.url)
        const target = await TestDatabase.create(server.url)
        const shop = new ShopTables(source, options)
        await shop.create()
        const reading = new DeliveringChild(source.url, mode, target.url)
        await reading.start()
        const part = Math.floor(events / 7)
        await shop.write(async (index) => {
          if (index === 6 * part) await server.restart('SIGKILL')
          else if (index > 0 && index % part === 0 && index < 6 * part) {
            await reading.kill()
            await reading.start()
          }
        })
        await expectSame(source, target, shop.names)
        expect(reading.isRunning).toBe(true)
        await reading.kill()
        await postgres({ url: source.url }).remove()
        await source.remove()
        await target.remove()
      })
    })
  },
)
