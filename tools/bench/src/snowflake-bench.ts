import { type ChangeEvent, type Driver, decodeEvent, memoryState, padSequence, systemClock } from '@eds/core'
import snowflake from '@eds/driver-snowflake'
import { shopSchemas } from '@eds/shop'
import { type SnowflakeSim, startSnowflakeSim } from '@eds/tool-snowflake-sim'
import type { BenchScale } from './command-line.js'
import { type BenchRow, row } from './result.js'
import { benchEvents } from './workload.js'

const { signal } = new AbortController()

/** What a run cost on the wire. Speed says nothing here: the server is a simulator. */
interface Cost {
  readonly statements: number
  /** Highest number of statements per table of any batch. */
  readonly perTable: number
  readonly rows: number
}

/** Statements, each of which is a round trip, that batches of several sizes take: as the simulator counted them. */
export async function snowflakeBench({ quick }: BenchScale, report: (row: BenchRow) => void): Promise<void> {
  const events = [...benchEvents(quick ? 4_000 : 10_000)].map(({ bytes }, index) =>
    decodeEvent({ position: padSequence(index + 1), bytes, time: 0 }),
  )
  const [busiest = ''] = mostCommon(events.map(({ table }) => table))
  const single = events.filter(({ table }) => table === busiest)
  for (const [what, of, size] of [
    ['one table, batches of 1,000', single, 1_000],
    ['all tables, batches of 1,000', events, 1_000],
    ['all tables, batches of 4,000', events, 4_000],
  ] as const) {
    const cost = await countStatements(of, size)
    report(row('snowflake', `${what}: round trips`, 'per 1,000 events', [(cost.statements * 1_000) / of.length]))
    report(row('snowflake', `${what}: statements`, 'per table of a batch, at most', [cost.perTable]))
    report(row('snowflake', `${what}: rows`, 'per statement', [cost.rows / cost.statements]))
  }
}

function mostCommon(names: readonly string[]): string[] {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return [...counts.keys()].sort((left, right) => (counts.get(right) ?? 0) - (counts.get(left) ?? 0))
}

async function countStatements(events: readonly ChangeEvent[], size: number): Promise<Cost> {
  const names = { database: 'SHOP', schema: 'PUBLIC', warehouse: 'BENCH', role: 'BENCH' }
  const sim = await startSnowflakeSim({ user: 'bench', password: 'bench-password', ...names })
  const driver = createDriver(sim.url)
  try {
    await driver.connect(signal)
    await driver.schema?.prepare(shopSchemas({ rowBytes: 'small' }).versions, signal)
    // The first write makes the temporary tables.
    await writeAll(driver, events.slice(0, size), size)
    return await countWrites(sim, driver, events, size)
  } finally {
    await driver.close()
    await sim.stop()
  }
}

async function countWrites(
  sim: SnowflakeSim,
  driver: Driver,
  events: readonly ChangeEvent[],
  size: number,
): Promise<Cost> {
  let cost: Cost = { statements: 0, perTable: 0, rows: 0 }
  for (let from = 0; from < events.length; from += size) {
    const batch = events.slice(from, from + size)
    sim.clearStatements()
    await writeAll(driver, batch, size)
    const statements = sim.statements()
    const tables = new Set(batch.map(({ table }) => table)).size
    cost = {
      statements: cost.statements + statements.length,
      perTable: Math.max(cost.perTable, statements.length / tables),
      rows: cost.rows + batch.length,
    }
  }
  return cost
}

async function writeAll(driver: Driver, events: readonly ChangeEvent[], size: number): Promise<void> {
  for (let from = 0; from < events.length; from += size) {
    const batch = events.slice(from, from + size)
    const bytes = batch.reduce((sum, event) => sum + event.bytes.length, 0)
    const [first, last] = [batch[0]?.position ?? '', batch.at(-1)?.position ?? '']
    const { failures = [] } = await driver.write({ events: batch, bytes, first, last }, signal)
    if (failures[0] !== undefined) throw failures[0].error
  }
}

function createDriver(url: string): Driver {
  return snowflake.create(snowflake.config.parse(snowflake.parse(url)), {
    sink: 'bench',
    session: 'bench',
    logger: { debug() {}, info() {}, warn() {}, error() {} },
    clock: systemClock,
    random: Math.random,
    metrics: { count() {} },
    state: memoryState(),
  })
}
