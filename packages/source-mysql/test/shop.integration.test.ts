import { decodeEvent, padSequence } from '@eds/core'
import driver from '@eds/driver-mysql'
import { shopEvents, shopSchemas } from '@eds/shop'
import { DriverHarness } from '@eds/testkit'
import { type PrivateServer, startMariadb } from '@eds/tool-services'
import { requireExecutable } from '@eds/tool-services/vitest'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { mysql } from '../src/index.js'
import { ChildDelivery } from './support/child-delivery.js'
import { createTestDatabase, type TestDatabase } from './support/test-database.js'

const executable = await requireExecutable('mariadb')
const total = Number(process.env.EDS_TEST_EVENTS ?? 2_000)

executable.describe('a repair shop, while it works', () => {
  let server: PrivateServer
  beforeAll(async () => {
    server = await startMariadb()
  })
  afterAll(() => server.remove())

  test.each(['triggers', 'binlog'] as const)(
    'by %s, the reader killed five times and the database twice: the other database becomes the same',
    async (mode) => {
      const [from, to] = [await createTestDatabase(server.url), await createTestDatabase(server.url)]
      const shop = new Shop(urlOf(from), mode === 'triggers' ? 1 : 2)
      const delivery = new ChildDelivery({ ...from.options, mode }, urlOf(to))
      await shop.work(0.1)
      for (let kill = 1; kill <= 5; kill++) {
        delivery.start()
        const working = shop.work(0.1 + kill * 0.15)
        await delivery.lines(2)
        await working
        await delivery.kill()
      }
      delivery.start()
      await delivery.lines(1)
      await server.restart('SIGKILL')
      await from.reconnect()
      await to.reconnect()
      await shop.work(0.95)
      await server.restart()
      await from.reconnect()
      await to.reconnect()
      await shop.work(1)
      await from.query('CREATE TABLE done (id INT PRIMARY KEY)')
      await mark(from, to, delivery)
      await delivery.kill()
      for (const table of await tablesOf(from))
        expect(await rowsOf(to, table), table).toEqual(await rowsOf(from, table))
      await mysql(from.options).remove()
      await from.remove()
      await to.remove()
    },
    300_000,
  )
})

/** Writes the workload by SQL into a database, a part at a time. */
class Shop {
  readonly #url: string
  readonly #schemas = shopSchemas()
  readonly #events
  #done = 0

  constructor(url: string, seed: number) {
    this.#url = url
    this.#events = shopEvents({ seed, events: total, mix: { insert: 35, update: 45, delete: 20 } })[Symbol.iterator]()
  }

  async work(until: number): Promise<void> {
    const harness = await new DriverHarness(driver, this.#url).opened(this.#schemas.versions)
    while (this.#done < total * until) {
      const batch = []
      for (let index = 0; index < 20; index++, this.#done++) {
        const { value, done } = this.#events.next()
        if (!done)
          batch.push(decodeEvent({ position: padSequence(value.index), bytes: value.bytes, time: value.timestamp }))
      }
      if (batch.length > 0) expect(await harness.write(batch)).toEqual({})
    }
    await harness.close()
  }
}

function urlOf({ options: { host, port, user, password, database } }: TestDatabase): string {
  return `mysql://${user}:${password}@${host}:${port}/${database}`
}

/** A new table is seen by triggers when they are there: rows are written until one arrives, behind which everything has. */
async function mark(from: TestDatabase, to: TestDatabase, delivery: ChildDelivery): Promise<void> {
  let id = 0
  const arrived = async () => {
    delivery.demandRunning()
    await from.query('INSERT INTO done VALUES (?)', [++id])
    const found = await to.query("SHOW TABLES LIKE 'done'")
    return found.length > 0 && (await to.query('SELECT id FROM done LIMIT 1')).length > 0
  }
  await expect.poll(arrived, { timeout: 120_000, interval: 200 }).toBe(true)
}

async function tablesOf(database: TestDatabase): Promise<string[]> {
  const tables = (await database.query('SHOW TABLES')).flatMap((row) => Object.values(row).map(String))
  return tables.filter((table) => !table.startsWith('eds_') && table !== 'done')
}

async function rowsOf(database: TestDatabase, table: string): Promise<string[]> {
  const rows = await database.query(`SELECT * FROM \`${table}\``)
  return rows
    .map((row) => JSON.stringify(Object.entries(row).sort(([left], [right]) => (left < right ? -1 : 1))))
    .sort()
}
