import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import type { BenchRow } from './result.js'
import { formatRow } from './result.js'

/** How much a benchmark does. */
export interface BenchScale {
  readonly quick: boolean
  readonly rounds: number
}

type Bench = (scale: BenchScale, report: (row: BenchRow) => void) => Promise<void>

const benches: Readonly<Record<string, () => Promise<Bench>>> = {
  postgres: async () => (await import('./postgres-bench.js')).postgresBench,
  mysql: async () => (await import('./mysql-bench.js')).mysqlBench,
  latency: async () => (await import('./latency-bench.js')).latencyBench,
  file: async () => (await import('./file-bench.js')).fileBench,
  kafka: async () => (await import('./kafka-bench.js')).kafkaBench,
  eventhub: async () => (await import('./eventhub-bench.js')).eventhubBench,
  read: async () => (await import('./read-bench.js')).readBench,
  sqlserver: async () => (await import('./sqlserver-bench.js')).sqlserverBench,
  snowflake: async () => (await import('./snowflake-bench.js')).snowflakeBench,
  s3: async () => (await import('./s3-bench.js')).s3Bench,
  memory: async () => (await import('./memory-bench.js')).memoryBench,
  socketio: async () => (await import('./socketio-bench.js')).socketioBench,
  realtime: async () => (await import('./realtime-bench.js')).realtimeBench,
  pubsub: async () => (await import('./pubsub-bench.js')).pubsubBench,
  sync: async () => (await import('./sync-bench.js')).syncBench,
  start: async () => (await import('./start-bench.js')).startBench,
  import: async () => (await import('./import-bench.js')).importBench,
}

const usage = `usage: npm run bench -- [${Object.keys(benches).join('|')}…] [--quick] [--rounds N] [--json FILE]`

/** Runs the named benchmarks, or all. Exit code 0 done, 1 failed, 3 wrong usage. */
export async function main(args: readonly string[]): Promise<number> {
  const options = { quick: { type: 'boolean' }, rounds: { type: 'string' }, json: { type: 'string' } } as const
  const parsed = tryParse(() => parseArgs({ args: [...args], options, allowPositionals: true }))
  const names = parsed?.positionals.length ? parsed.positionals : Object.keys(benches)
  const rounds = Number(parsed?.values.rounds ?? 3)
  if (!parsed || names.some((name) => !benches[name]) || !Number.isInteger(rounds) || rounds < 1) {
    console.error(usage)
    return 3
  }
  const rows: BenchRow[] = []
  for (const name of names) {
    const bench = await benches[name]?.()
    console.log(`${name}:`)
    await bench?.({ quick: parsed.values.quick ?? false, rounds }, (row) => {
      rows.push(row)
      console.log(formatRow(row))
    })
  }
  if (parsed.values.json) await writeFile(parsed.values.json, `${rows.map((row) => JSON.stringify(row)).join('\n')}\n`)
  return 0
}

function tryParse<T>(parse: () => T): T | undefined {
  try {
    return parse()
  } catch {
    return undefined
  }
}
