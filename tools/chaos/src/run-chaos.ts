import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compareState, describeDifferences, ExpectedState, type ShopEvent, shopEvents, shopSchemas } from '@eds/shop'
import { startNats, startPostgres } from '@eds/tool-services'
import { type Incident, planIncidents } from './incidents.js'
import { Publisher } from './publisher.js'
import { tableReader } from './table-reader.js'
import { Worker } from './worker.js'

export interface ChaosOptions {
  readonly events: number
  readonly seed: number
  /** How often the worker is killed with SIGKILL. */
  readonly kills: number
  readonly restartPostgres: boolean
  readonly restartNats: boolean
  readonly log: (line: string) => void
}

export interface ChaosReport {
  readonly ok: boolean
  /** What was found, for people. */
  readonly text: string
}

const stream = 'dbchange'

/**
 * The shop's events through a real NATS JetStream and the real `eds server` into a real PostgreSQL, while processes are killed and
 * servers restarted; then every row of every table is compared with what the checker computes.
 */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const folder = await mkdtemp(join(tmpdir(), 'eds-chaos-'))
  const nats = await startNats()
  const postgres = await startPostgres()
  const schemaFile = join(folder, 'schemas.json')
  await writeFile(schemaFile, JSON.stringify(everySchema()))
  const worker = new Worker([
    ...['server', '--server', nats.url, '--stream', stream, '--url', postgres.url, '--schema', schemaFile],
    ...['--data-dir', join(folder, 'data'), '--port', '0', '--start', 'beginning', '--log-format', 'json'],
  ])
  try {
    const publisher = await Publisher.connect(nats.url, stream)
    const expected = new ExpectedState()
    const startedAt = performance.now()
    worker.start()
    const incidents = planIncidents(options)
    for (const event of shopEvents({ seed: options.seed, events: options.events })) {
      await meet(incidents, event, { nats, postgres, worker, publisher, log: options.log })
      await publisher.publish(event)
      expected.apply(event)
    }
    await publisher.flush()
    options.log(`published ${options.events} events in ${seconds(startedAt)} s`)
    await publisher.untilAcknowledged(options.events, () => worker.assertRunning())
    options.log(`delivered and acknowledged after ${seconds(startedAt)} s`)
    await publisher.close()
    const exitCode = await worker.stop()
    const reader = await tableReader(postgres.url)
    const differences = await compareState(expected, reader.readTable)
    await reader.close()
    return verdict(options, expected, exitCode, describeDifferences(differences))
  } finally {
    await worker.kill()
    await Promise.all([nats.remove(), postgres.remove()])
    await rm(folder, { recursive: true, force: true })
  }
}

type Surroundings = Parameters<Incident['happen']>[0] & { readonly log: (line: string) => void }

async function meet(incidents: Incident[], event: ShopEvent, surroundings: Surroundings): Promise<void> {
  for (let next = incidents[0]; next && event.index >= next.at; next = incidents[0]) {
    incidents.shift()
    surroundings.log(`at event ${event.index}: ${next.title}`)
    await next.happen(surroundings)
  }
}

function verdict(
  { events, seed }: ChaosOptions,
  expected: ExpectedState,
  exitCode: number | null,
  differences: string,
): ChaosReport {
  const tables = expected.tables()
  const rows = tables.reduce((sum, table) => sum + expected.count(table), 0)
  if (differences) return { ok: false, text: `seed ${seed}: the tables are not as they must be:\n${differences}` }
  if (exitCode !== 0)
    return { ok: false, text: `seed ${seed}: after SIGTERM the worker ended with exit code ${exitCode}` }
  return {
    ok: true,
    text: `seed ${seed}: ${events} events; ${tables.length} tables with ${rows} rows equal the expected state`,
  }
}

/** All versions, in the shape of `GET /v3/schema`. */
function everySchema(): object {
  return Object.fromEntries(shopSchemas().versions.map((schema) => [`${schema.table}/${schema.modelVersion}`, schema]))
}

function seconds(since: number): string {
  return ((performance.now() - since) / 1000).toFixed(1)
}
