import { type DriverContext, decodeEvent, memoryState, padSequence, systemClock } from '@eds/core'
import sqlserver from '@eds/driver-sqlserver'
import { startTdsSim, type TdsSim } from '@eds/tool-tds-sim'
import type { BenchScale } from './command-line.js'
import { type BenchRow, row } from './result.js'
import { allShopSchemas } from './schemas.js'
import { benchEvents } from './workload.js'

const batchEvents = 1_000
const never = new AbortController().signal

/** What one batch cost, as the server counts it. */
interface BatchCost {
  readonly roundTrips: number
  readonly statements: number
  /** One number per table of the batch. */
  readonly perTable: readonly number[]
}

/**
 * Round trips and statements of the driver, counted by a simulator of SQL Server. Its speed says nothing about that of the vendor's
 * server, so that none is reported.
 */
export async function sqlserverBench({ quick }: BenchScale, report: (row: BenchRow) => void): Promise<void> {
  const sim = await startTdsSim({ user: 'eds', password: 'bench-p@ss', database: 'bench' })
  try {
    const costs = await writeAll(sim, quick ? 3_000 : 10_000)
    const all = (pick: (cost: BatchCost) => number) => costs.map((cost) => (pick(cost) * 1_000) / batchEvents)
    report(
      row(
        'sqlserver',
        'round trips, batches of 1,000',
        'per 1,000 events',
        all(({ roundTrips }) => roundTrips),
      ),
    )
    report(
      row(
        'sqlserver',
        'statements, batches of 1,000',
        'per 1,000 events',
        all(({ statements }) => statements),
      ),
    )
    const perTable = costs.flatMap((cost) => cost.perTable)
    report(row('sqlserver', 'statements per table and batch', 'statements', perTable))
  } finally {
    await sim.stop()
  }
}

async function writeAll(sim: TdsSim, count: number): Promise<BatchCost[]> {
  const driver = sqlserver.create(sqlserver.config.parse(sqlserver.parse(sim.url)), context())
  try {
    await driver.connect(never)
    await driver.schema?.prepare(allShopSchemas, never)
    const events = [...benchEvents(count)].map(({ index, bytes, timestamp }) =>
      decodeEvent({ position: padSequence(index), bytes, time: timestamp }),
    )
    const costs: BatchCost[] = []
    for (let at = 0; at < events.length; at += batchEvents) {
      const some = events.slice(at, at + batchEvents)
      const [first, last] = [some[0]?.position ?? '', some.at(-1)?.position ?? '']
      sim.clearStatements()
      const { failures = [] } = await driver.write({ events: some, bytes: 0, first, last }, never)
      if (failures[0] !== undefined) throw failures[0].error
      costs.push(costOf(sim))
    }
    // The first one also makes the stage.
    return costs.slice(1)
  } finally {
    await driver.close()
  }
}

function costOf(sim: TdsSim): BatchCost {
  const requests = sim.statements()
  const statements = requests.flatMap(({ kind, sql }) => (kind === 'batch' ? sql.split('\n') : []))
  const tables = new Map<string, number>()
  for (const statement of statements) {
    const [target] = /\[dbo\]\.\[(?:[^\]]|\]\])*\]/.exec(statement) ?? []
    if (target !== undefined) tables.set(target, (tables.get(target) ?? 0) + 1)
  }
  return { roundTrips: requests.length, statements: statements.length, perTable: [...tables.values()] }
}

function context(): DriverContext {
  const silent = () => {}
  return {
    sink: 'bench',
    session: 'bench',
    logger: { debug: silent, info: silent, warn: silent, error: silent },
    clock: systemClock,
    random: Math.random,
    metrics: { count: silent },
    state: memoryState(),
  }
}
